import type { Actor, User } from "./actors.ts";
import { type ApiRequest, filter } from "./api.ts";
import type { Row } from "../table-under-test.ts";
import { type ForeignKey, type ExposedRelation, type Shape, fullName, userColumnOf } from "./shape.ts";

export type Command = "select" | "insert" | "update" | "delete";
export const commands: readonly Command[] = ["select", "insert", "update", "delete"];

export interface Attack {
  command: Command;
  /** The way of the attack: `direct`, `embedding thoughts_user_id_circle_id_fkey`, `upsert on id`, … */
  way: string;
  request: ApiRequest;
}

export interface Targets {
  /** A user with a row in every table. */
  victim: User;
  /**
   * A user with an account and no row in the attacked table, so that an insert in this user's name meets no other row.
   */
  bystander: User;
}

const minimal = { prefer: "return=minimal" };
const representation = { prefer: "return=representation" };

/** Returns all requests with which the actor tries to reach the targets' rows of one table or view. */
export async function attacksOn(
  shape: Shape,
  relation: ExposedRelation,
  actor: Actor,
  targets: Targets,
): Promise<Attack[]> {
  if (relation.kind === "view") return attacksOnView(relation, targets);
  const { name } = relation;
  const { victim, bystander } = targets;
  const row = await victim.rows.row(name);
  const template = await victim.rows.template(name);
  const unopposed = await bystander.rows.template(name);
  const userColumn = userColumnOf(relation);
  const [key] = relation.keys;
  const itsRow = `${name}?${filter(key!, row)}`;
  /**
   * Keeps only columns that may be given. With another column, the database refuses the request before it checks the
   * owner.
   */
  const givable = (values: Row) => only(values, relation.test.rights.insert ?? Object.keys(values));
  const change = changeOf(relation, template);

  const attacks: Attack[] = [
    { command: "select", way: "direct", request: read(`${name}?select=*`) },
    { command: "select", way: "direct, by key", request: read(`${itsRow}&select=*`) },
    ...[givable(template), givable(unopposed)].flatMap((body): Attack[] =>
      [minimal, representation].map((headers) => ({
        command: "insert",
        way: "direct, in their name",
        request: { method: "POST", path: name, body, headers },
      })),
    ),
    ...[minimal, representation].flatMap((headers): Attack[] => [
      { command: "update", way: "direct, by key", request: { method: "PATCH", path: itsRow, body: change, headers } },
      { command: "delete", way: "direct, by key", request: { method: "DELETE", path: itsRow, headers } },
    ]),
    {
      command: "update",
      way: "direct, all rows",
      request: { method: "PATCH", path: name, body: change, headers: minimal },
    },
    ...embeddings(shape, relation),
    ...upserts(relation, row, { ...givable(template) }, actor),
  ];
  if (userColumn) {
    const theirs = `${name}?${filter([userColumn], { [userColumn]: victim.userId })}`;
    attacks.push(
      { command: "update", way: "direct, by owner", request: { method: "PATCH", path: theirs, body: change } },
      { command: "delete", way: "direct, by owner", request: { method: "DELETE", path: theirs } },
      {
        command: "update",
        way: "taking it over",
        request: { method: "PATCH", path: itsRow, body: { [userColumn]: actor.userId }, headers: minimal },
      },
    );
  }
  // An actor with rows would only delete its own rows.
  if (!actor.user)
    attacks.push({ command: "delete", way: "direct, all rows", request: { method: "DELETE", path: name } });
  return [...attacks, ...(await crossingAttacks(relation, actor, victim))];
}

/** Returns attacks that give a row away, or refer to another user's row. Both need rows of the actor. */
export async function crossingAttacks(relation: ExposedRelation, actor: Actor, victim: User): Promise<Attack[]> {
  const { name } = relation;
  const userColumn = userColumnOf(relation);
  const [key] = relation.keys;
  const own = actor.user && (await actor.user.rows.row(name));
  const attacks: Attack[] = [];
  if (userColumn && own) {
    attacks.push({
      command: "update",
      way: "giving it away",
      request: {
        method: "PATCH",
        path: `${name}?${filter(key!, own)}`,
        body: { [userColumn]: victim.userId },
        headers: minimal,
      },
    });
  }
  for (const foreignKey of crossingKeys(relation)) {
    const way = `pointing ${foreignKey.name} at their row`;
    const pointer = await pointerAt(foreignKey, victim);
    const insertable = relation.test.rights.insert;
    // An actor with rows refers to its own rows in all other foreign keys.
    const rest = await (actor.user ?? victim).rows.template(name);
    const body = only({ ...rest, ...pointer, user_id: actor.userId }, insertable);
    attacks.push({ command: "insert", way, request: { method: "POST", path: name, body, headers: minimal } });
    if (!own) continue;
    const path = `${name}?${filter(key!, own)}`;
    attacks.push({ command: "update", way, request: { method: "PATCH", path, body: pointer, headers: minimal } });
  }
  return attacks;
}

/** Returns the foreign keys to rows of users, except the key to the owner. */
export function crossingKeys({ schema, foreignKeys }: ExposedRelation): ForeignKey[] {
  return foreignKeys.filter(
    ({ target, columns }) =>
      target.startsWith(`${schema}.`) && columns.some((column) => column !== "user_id") && target !== `${schema}.users`,
  );
}

export async function pointerAt({ columns, target, targetColumns }: ForeignKey, victim: User): Promise<Row> {
  const theirs = await victim.rows.row(target.split(".")[1]!);
  return Object.fromEntries(
    columns.flatMap((column, position) => (column === "user_id" ? [] : [[column, theirs[targetColumns[position]!]]])),
  );
}

/** Makes a change that the table's checks accept, in a column that may be changed if there is one. */
export function changeOf(relation: ExposedRelation, template: Row): Row {
  const changeable = relation.test.rights.update;
  const column = (changeable ?? Object.keys(template)).find(
    (each) =>
      relation.columns.some(({ name, labels }) => name === each && !labels) && each !== "user_id" && each in template,
  );
  return { [column!]: template[column!] };
}

function embeddings(shape: Shape, relation: ExposedRelation): Attack[] {
  return relatedTo(shape, relation).map(({ key, embedding }) => ({
    command: "select",
    way: `embedding by ${key}`,
    request: read(`${relation.name}?select=*,${embedding}`),
  }));
}

interface Related {
  /** The name of the foreign key. */
  key: string;
  other: ExposedRelation;
  /** The columns of both tables that are equal in related rows. */
  pairs: { mine: string; theirs: string }[];
  /** The embedding for `select=`, with every column of the other table. */
  embedding: string;
}

/**
 * Returns the tables that the API can embed: those to which the table refers, and those that refer to it. All columns
 * and the referring column are spelled out because of `@supabase/lite` 0.10.0: it mistakes `users(*)` for `auth.users`,
 * joins on half of a composite key if the key is named, and uses tables as junctions that PostgREST does not.
 */
export function relatedTo(shape: Shape, relation: ExposedRelation): Related[] {
  const embed = (other: ExposedRelation, { name, columns, targetColumns }: ForeignKey, isChild: boolean): Related => ({
    key: name,
    other,
    pairs: columns.map((column, position) => {
      const target = targetColumns[position]!;
      return isChild ? { mine: column, theirs: target } : { mine: target, theirs: column };
    }),
    embedding: `${other.name}!${columns.at(-1)}(${other.columns.map((column) => column.name).join()})`,
  });
  return shape.exposed.flatMap((other) => [
    ...relation.foreignKeys.filter(({ target }) => target === fullName(other)).map((key) => embed(other, key, true)),
    ...other.foreignKeys.filter(({ target }) => target === fullName(relation)).map((key) => embed(other, key, false)),
  ]);
}

function upserts(relation: ExposedRelation, row: Row, givable: Row, actor: Actor): Attack[] {
  const userColumn = userColumnOf(relation);
  return relation.keys.flatMap((key) => {
    const body = {
      ...givable,
      ...(userColumn && !key.includes(userColumn) && { [userColumn]: actor.userId }),
      ...only(row, key),
    };
    const path = `${relation.name}?on_conflict=${key.join()}`;
    const ways = [
      ["merge", "minimal"],
      ["merge", "representation"],
      ["ignore", "representation"],
    ] as const;
    return ways.map(([resolution, returned]): Attack => ({
      command: resolution === "merge" ? "update" : "insert",
      way: `upsert on ${key.join()}, ${resolution}, return ${returned}`,
      request: {
        method: "POST",
        path,
        body,
        headers: { prefer: `resolution=${resolution}-duplicates,return=${returned}` },
      },
    }));
  });
}

async function attacksOnView(relation: ExposedRelation, { victim }: Targets): Promise<Attack[]> {
  const { name, columns } = relation;
  const userColumn = columns.find((column) => column.name === "user_id")?.name;
  const theirs = userColumn ? `${name}?${userColumn}=eq.${victim.userId}` : name;
  const text = columns.find(({ type }) => type === "text" || type === "character varying")?.name ?? columns[0]!.name;
  return [
    { command: "select", way: "direct", request: read(`${name}?select=*`) },
    { command: "select", way: "direct, by owner", request: read(`${theirs}${userColumn ? "&" : "?"}select=*`) },
    {
      command: "insert",
      way: "direct, in their name",
      request: {
        method: "POST",
        path: name,
        body: { ...(userColumn && { [userColumn]: victim.userId }), [text]: "x" },
      },
    },
    { command: "update", way: "direct, by owner", request: { method: "PATCH", path: theirs, body: { [text]: "x" } } },
    { command: "delete", way: "direct, by owner", request: { method: "DELETE", path: theirs } },
  ];
}

const read = (path: string): ApiRequest => ({ method: "GET", path, headers: { prefer: "count=exact" } });

export function only(values: Row, columns: readonly string[] | undefined): Row {
  if (!columns) return values;
  return Object.fromEntries(columns.filter((column) => column in values).map((column) => [column, values[column]]));
}
