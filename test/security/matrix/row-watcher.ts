import type { LocalBackend, Statements } from "#groundwork/local";
import { CompiledQuery } from "kysely";
import { type Relation, type Shape, fullName, userColumnOf } from "./shape.ts";

/** A digest of the rows of one user in one table, by `<table> of <owner>`. */
export type Rows = Map<string, string>;

/** Finds out, as the owner of the database, if rows have changed. */
export interface RowWatcher {
  /**
   * Returns what has changed since the last call, for all users except `except`: `public.thoughts of 3f2c…`.
   *
   * Postgres gives a transaction a number when it first writes. If that counter has not changed, nothing was written,
   * and the rows need not be read again.
   */
  changes(except: string | undefined): Promise<string[]>;
  /** Accepts the present rows as unchanged. */
  reset(): Promise<void>;
}

export async function createRowWatcher({ database }: LocalBackend, shape: Shape): Promise<RowWatcher> {
  const sql = rowsSql(shape, shape.tables);
  // It uses the session of the requests, because changing the settings of a session for every check would take longer
  // than the check.
  const query = async <Row>(text: string) =>
    (await database.connection.kysely.executeQuery<Row>(CompiledQuery.raw(text))).rows;
  const counter = async () =>
    (await query<{ at: string }>("select pg_snapshot_xmax(pg_current_snapshot())::text as at"))[0]!.at;
  await prepare(database, sql, query);
  const read = async () => (await query<{ rows: string }>("execute digests_of_rows"))[0]!.rows;

  let [at, rows] = [await counter(), await read()];
  return {
    changes: async (except) => {
      const now = await counter();
      if (now === at) return [];
      const before = rows;
      [at, rows] = [now, await read()];
      return rows === before ? [] : differences(toRows(before), toRows(rows), except);
    },
    reset: async () => {
      [at, rows] = [await counter(), await read()];
    },
  };
}

/** The statement that is prepared in the session of each database. */
const prepared = new WeakMap<object, string>();

/** Prepares the statement, because planning it takes longer than running it. */
async function prepare(database: object, sql: string, query: (text: string) => Promise<unknown>): Promise<void> {
  const present = prepared.get(database);
  if (present === sql) return;
  if (present !== undefined) await query("deallocate digests_of_rows");
  await query(`prepare digests_of_rows as ${sql}`);
  prepared.set(database, sql);
}

/** Reads all users' rows of one table inside a transaction. */
export async function readRows({ query }: Statements, shape: Shape, table: Relation): Promise<Rows> {
  const [found] = await query<{ rows: string }>(rowsSql(shape, [table]));
  return toRows(found!.rows);
}

/** Returns the rows that differ, without those of `except`. */
export function differences(before: Rows, after: Rows, except: string | undefined): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (key) => before.get(key) !== after.get(key) && (except === undefined || !key.endsWith(` of ${except}`)),
  );
}

const toRows = (json: string): Rows => new Map(Object.entries(JSON.parse(json) as Record<string, string>));

/** All digests are one text, because usually it only has to be compared with the last one. */
const rowsSql = (shape: Shape, tables: Relation[]) => `
  select coalesce(jsonb_object_agg(key, digest), '{}')::text as rows
  from (
    ${tables.flatMap((table) => [digestSql(shape, table), ...crossings(shape, table)]).join(`
    union all`)}
  ) as digests`;

/**
 * Uses the binary form of each row. It differs if any bit of the row does, and takes a fraction of the time of the text
 * form.
 */
const digestSql = (shape: Shape, table: Relation) => `
    select concat('${fullName(table)} of ', coalesce(owner, 'nobody')) as key, md5(string_agg(row, '' order by row)) as digest
    from (
      select (${ownerExpression(shape, table)})::text as owner, md5(record_send(t)) as row
      from ${fullName(table)} as t
    ) as rows
    group by owner`;

/** Returns the expression for the owner of a row: its own column, or the column of the row to which it belongs. */
function ownerExpression(shape: Shape, table: Relation): string {
  const column = userColumnOf(table);
  if (column) return `t.${column}`;
  for (const { target, columns, targetColumns } of table.foreignKeys) {
    const parent = shape.tables.find((each) => fullName(each) === target);
    const theirs = parent && userColumnOf(parent);
    if (theirs) {
      return `select p.${theirs} from ${target} as p where (${columns.map((each) => `t.${each}`).join()}) = (${targetColumns.map((each) => `p.${each}`).join()})`;
    }
  }
  return "null";
}

/** Finds rows that refer to a row of another user. There must be none. */
function crossings(shape: Shape, table: Relation): string[] {
  if (userColumnOf(table) !== "user_id") return [];
  return table.foreignKeys.flatMap(({ columns, target, targetColumns }) => {
    const links = columns
      .map((column, position) => [column, targetColumns[position]!] as const)
      .filter(([column]) => column !== "user_id");
    const isOwned = shape.tables.some((each) => fullName(each) === target && userColumnOf(each) === "user_id");
    if (!isOwned || links.length === 0) return [];
    return `
      select '${fullName(table)} that refer to ${target} of nobody', count(*)::text
      from ${fullName(table)} as t
      join ${target} as p on ${links.map(([column, theirs]) => `t.${column} = p.${theirs}`).join(" and ")}
      where t.user_id <> p.user_id`;
  });
}
