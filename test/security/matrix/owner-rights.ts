import type { LocalBackend } from "#groundwork/local";
import { type Actor, type User, makeUser, ownerActor } from "./actors.ts";
import { type Answer, type ApiRequest, describeRequest, filter, send } from "./api.ts";
import { type Command, commands, changeOf, only, relatedTo } from "./attacks.ts";
import type { Rights, Row } from "../table-under-test.ts";
import { type ExposedRelation, type Shape, fullName, userColumnOf } from "./shape.ts";

/** A right that an owner should have and does not have, or the other way round. */
export interface OwnerCell {
  command: Command;
  way: string;
  faults: string[];
}

const representation = { prefer: "return=representation" };

/**
 * Checks the other half of the matrix: owners can do what they may, and are refused what they may not. Without it,
 * "sees nothing" would be true of an empty table.
 */
export async function checkOwner(
  backend: LocalBackend,
  shape: Shape,
  relation: ExposedRelation,
  victim: User,
): Promise<OwnerCell[]> {
  if (relation.kind === "view") return [await checkReading(backend, relation, await ownerActor(backend, victim))];
  const owner = await ownerActor(backend, victim);
  const newcomer = await makeUser(backend, shape, "new");
  return [
    await checkReading(backend, relation, owner),
    ...(await checkEmbedding(backend, shape, relation, owner)),
    ...(await checkWriting(backend, relation, newcomer)),
  ];
}

/** Checks that the owner reads every row of its own, and no other row. */
async function checkReading(backend: LocalBackend, relation: ExposedRelation, actor: Actor): Promise<OwnerCell> {
  const request: ApiRequest = { method: "GET", path: `${relation.name}?select=*`, headers: { prefer: "count=exact" } };
  const answer = await send(backend, actor.token, request);
  const column = userColumnOf(relation);
  const faults: string[] = [];
  if (answer.status !== 200) faults.push(describeAnswer(request, answer));
  if (column) {
    const [{ count } = { count: 0 }] = await backend.database.query<{ count: number }>(
      `select count(*)::integer as count from ${fullName(relation)} where ${column} = $1`,
      [actor.userId],
    );
    if (answer.count !== count || count === 0) faults.push(`${answer.count} of ${count} rows of their own are visible`);
  } else if (!answer.count) {
    faults.push("none of their own rows is visible");
  }
  return { command: "select", way: "own rows", faults };
}

async function checkEmbedding(
  backend: LocalBackend,
  shape: Shape,
  relation: ExposedRelation,
  actor: Actor,
): Promise<OwnerCell[]> {
  const own = await actor.user!.rows.row(relation.name);
  const cells: OwnerCell[] = [];
  for (const { key, other, pairs, embedding } of relatedTo(shape, relation)) {
    // A row that refers to itself, or to a row of another user, proves nothing.
    const theirs = await actor.user!.rows.row(other.name);
    if (pairs.some(({ mine, theirs: column }) => own[mine] === null || own[mine] !== theirs[column])) continue;
    const path = `${relation.name}?${filter(relation.keys[0]!, own)}&select=*,embedded:${embedding}`;
    const request: ApiRequest = { method: "GET", path };
    const answer = await send(backend, actor.token, request);
    const [row] = answer.status === 200 ? (JSON.parse(answer.body) as Row[]) : [];
    const isThere = [row?.["embedded"] ?? []].flat().length > 0;
    cells.push({
      command: "select",
      way: `embedding by ${key}`,
      faults: isThere ? [] : [describeAnswer(request, answer)],
    });
  }
  return cells;
}

/** Inserts, changes and deletes a row as a user who has no rows yet. */
async function checkWriting(backend: LocalBackend, relation: ExposedRelation, newcomer: User): Promise<OwnerCell[]> {
  const { name, test } = relation;
  const allowed: Rights = test.rights;
  const { token } = await ownerActor(backend, newcomer);
  const template = await newcomer.rows.template(name);
  const cells: OwnerCell[] = [];
  const attempt = async (command: Command, request: ApiRequest): Promise<Row | undefined> => {
    const answer = await send(backend, token, { ...request, headers: representation });
    const rows = answer.status < 300 ? (JSON.parse(answer.body || "[]") as Row[]) : [];
    const faults = (rows.length === 1) === command in allowed ? [] : [describeAnswer(request, answer)];
    cells.push({ command, way: command in allowed ? "own row" : "own row, which is not for them", faults });
    return rows[0];
  };

  const inserted = await attempt("insert", { method: "POST", path: name, body: only(template, allowed.insert) });
  const row = inserted ?? (await newcomer.rows.row(name));
  const itsRow = `${name}?${filter(relation.keys[0]!, row)}`;
  const change = allowed.update ? only(template, allowed.update) : changeOf(relation, template);
  await attempt("update", { method: "PATCH", path: itsRow, body: change });
  await attempt("delete", { method: "DELETE", path: itsRow });
  return cells.toSorted((a, b) => commands.indexOf(a.command) - commands.indexOf(b.command));
}

const describeAnswer = (request: ApiRequest, { status, body }: Answer) =>
  `${describeRequest(request)} was answered ${status} ${body.slice(0, 200)}`;
