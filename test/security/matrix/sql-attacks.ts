import type { LocalBackend, Statements } from "#groundwork/local";
import { type DatabaseError, isDatabaseError } from "../../../src/local/database/postgrest-error.ts";
import { inRolledBackTransaction } from "../rolled-back.ts";
import type { Actor, User } from "./actors.ts";
import { type Command, type Targets, changeOf, crossingKeys, pointerAt } from "./attacks.ts";
import type { Row } from "../table-under-test.ts";
import { type ExposedRelation, type Shape, exposedSchemas, fullName, userColumnOf } from "./shape.ts";
import { type Rows, differences, readRows } from "./row-watcher.ts";

interface SqlAttack {
  command: Command;
  way: string;
  sql: string;
  parameters?: unknown[];
}

/** One attack past the grants, and its result. */
export interface SqlCell {
  command: Command;
  way: string;
  leaks: string[];
}

/**
 * Tests row-level security alone: every table privilege is granted. The statements need no filter and no answer, so
 * that a single policy stands between a user and all rows. Everything is rolled back.
 */
export async function attackWithEveryGrant(
  { database }: LocalBackend,
  shape: Shape,
  relation: ExposedRelation,
  actor: Actor,
  targets: Targets,
): Promise<SqlCell[]> {
  const attacks = await sqlAttacks(relation, actor, targets);
  const changes = async (statements: Statements, before: Rows) =>
    relation.kind === "view"
      ? []
      : differences(before, await readRows(statements, shape, relation), actor.isAccount ? actor.userId : undefined);
  const cells: SqlCell[] = [];
  await inRolledBackTransaction(database, async (statements) => {
    for (const schema of exposedSchemas) {
      await statements.run(`grant all on all tables in schema ${schema} to anon, authenticated`);
    }
    const before = relation.kind === "view" ? new Map() : await readRows(statements, shape, relation);
    for (const attack of attacks) {
      await statements.run("savepoint attack");
      const leaks = await tryAttack(statements, actor, targets, attack);
      for (const rows of leaks ? await changes(statements, before) : []) leaks!.push(`changed ${rows} (${attack.sql})`);
      cells.push({ command: attack.command, way: attack.way, leaks: leaks ?? [] });
      await statements.run("rollback to savepoint attack");
    }
  });
  return cells;
}

/** Returns what the statement revealed or changed; undefined if it was refused. */
async function tryAttack(
  statements: Statements,
  { role, claims }: Actor,
  { victim, bystander }: Targets,
  { sql, parameters }: SqlAttack,
): Promise<string[] | undefined> {
  await statements.query("select set_config('request.jwt.claims', $1, true), set_config('role', $2, true)", [
    claims ? JSON.stringify(claims) : "",
    role,
  ]);
  const rows = await statements.query(sql, parameters).catch(refused);
  if (!rows) return undefined;
  await statements.run("reset role");
  const answer = JSON.stringify(rows);
  return [victim, bystander]
    .filter(({ marker, userId }) => answer.includes(marker) || answer.includes(userId))
    .map(({ marker }) => `the rows of ${marker} are visible (${sql})`);
}

/**
 * Throws unless the error is a refusal, which has a SQLSTATE. Other errors, such as those of the connection, show
 * nothing about rights.
 */
function refused(error: unknown): undefined {
  if (!isDatabaseError(error) || /^(08|53|57|58|XX)/.test(error.code)) throw error;
}

/**
 * Checks that foreign keys hold for all roles, so that not even a faulty security definer function, or the service
 * role, can link one user's row to another user's.
 */
export async function pointAsDatabaseOwner(
  { database }: LocalBackend,
  relation: ExposedRelation,
  rival: User,
  victim: User,
): Promise<SqlCell[]> {
  const template = await rival.rows.template(relation.name);
  const cells: SqlCell[] = [];
  for (const foreignKey of crossingKeys(relation)) {
    const { sql, parameters } = insertion(relation, { ...template, ...(await pointerAt(foreignKey, victim)) });
    const refusal = await inRolledBackTransaction(database, async (statements) =>
      statements.query(sql, parameters).then(
        () => undefined,
        (error: unknown) => {
          refused(error);
          return (error as DatabaseError).code;
        },
      ),
    );
    const leaks = refusal === "23503" ? [] : [`it was answered ${refusal ?? "with success"} instead of 23503`];
    cells.push({ command: "insert", way: `pointing ${foreignKey.name} at another's row`, leaks });
  }
  return cells;
}

function insertion(relation: ExposedRelation, values: Row): { sql: string; parameters: unknown[] } {
  const table = fullName(relation);
  const columns = Object.keys(values).join(", ");
  return {
    sql: `insert into ${table} (${columns}) overriding system value
      select ${columns} from jsonb_populate_record(null::${table}, $1::text::jsonb)`,
    parameters: [JSON.stringify(values)],
  };
}

async function sqlAttacks(
  relation: ExposedRelation,
  actor: Actor,
  { victim, bystander }: Targets,
): Promise<SqlAttack[]> {
  const { name, kind, keys } = relation;
  const table = fullName(relation);
  const select: SqlAttack = {
    command: "select",
    way: "all rows, every grant",
    sql: `select to_jsonb(t) from ${table} as t`,
  };
  if (kind === "view") return [select];

  const template = await victim.rows.template(name);
  const unopposed = await bystander.rows.template(name);
  const row = await victim.rows.row(name);
  const userColumn = userColumnOf(relation);
  const [change] = Object.entries(changeOf(relation, template));
  const update = (column: string, value: unknown): Pick<SqlAttack, "sql" | "parameters"> => ({
    sql: `update ${table} set ${column} = (jsonb_populate_record(null::${table}, $1::text::jsonb)).${column}`,
    parameters: [JSON.stringify({ [column]: value })],
  });

  const attacks: SqlAttack[] = [
    select,
    { command: "insert", way: "in their name, every grant", ...insertion(relation, template) },
    { command: "insert", way: "in a bystander's name, every grant", ...insertion(relation, unopposed) },
    { command: "update", way: "all rows, every grant", ...update(...change!) },
    { command: "delete", way: "all rows, every grant", sql: `delete from ${table}` },
  ];
  if (userColumn)
    attacks.push({ command: "update", way: "taking all over, every grant", ...update(userColumn, actor.userId) });
  if (userColumn && actor.user) {
    attacks.push({ command: "update", way: "giving all away, every grant", ...update(userColumn, bystander.userId) });
  }
  for (const key of keys) {
    const generated = relation.columns.filter(({ name: column, isGenerated }) => isGenerated && !key.includes(column));
    const values = Object.fromEntries(
      Object.entries(row).filter(([column]) => !generated.some(({ name: each }) => each === column)),
    );
    const mine = userColumn && !key.includes(userColumn) ? { ...values, [userColumn]: actor.userId } : values;
    const conflict = insertion(relation, { ...mine, [change![0]]: change![1] });
    attacks.push({
      command: "update",
      way: `upsert on ${key.join()}, every grant`,
      sql: `${conflict.sql} on conflict (${key.join()}) do update set ${change![0]} = excluded.${change![0]}`,
      parameters: conflict.parameters,
    });
  }
  const rest = await (actor.user ?? victim).rows.template(name);
  for (const foreignKey of crossingKeys(relation)) {
    const pointer = await pointerAt(foreignKey, victim);
    attacks.push({
      command: "insert",
      way: `pointing ${foreignKey.name} at their row, every grant`,
      ...insertion(relation, { ...rest, ...pointer, user_id: actor.userId }),
    });
  }
  return attacks;
}
