import type { Statements } from "#groundwork/local";
import type { Row, RowUser } from "../table-under-test.ts";
import { type Column, type ExposedRelation, type Shape, fullName, userColumnOf } from "./shape.ts";

/** Returns the row of a table to which others refer. A table that refers to two of them gets number 0 and number 1. */
type Parent = (table: string, number?: number) => Promise<Row>;

/** The text in a template that replaces the owner's marker. */
export const writtenMarker = "written";

/** A word in all users' texts, for functions that search. */
export const searchWord = "lighthouse";

export interface RowMaker {
  /**
   * Returns the user's row of a table, the same at every call. The first call makes it and the rows to which it refers.
   */
  row(table: string): Promise<Row>;
  /**
   * Returns a row that can be inserted. It conflicts with no other row, because the rows to which it refers are made
   * for it. It has no marker, because the actor who writes it knows its content.
   */
  template(table: string): Promise<Row>;
}

/**
 * Makes rows for one user, as the owner of the database.
 *
 * @throws Error for a table with a text that lacks the marker
 */
export function createRowMaker(statements: Statements, shape: Shape, user: RowUser): RowMaker {
  const family = () => {
    const members = new Map<string, Promise<Row>>();
    const row: Parent = (table, number = 0) => {
      const member = `${table} ${number}`;
      if (!members.has(member)) members.set(member, make(table));
      return members.get(member)!;
    };
    const make = async (table: string) => {
      const relation = exposedTable(shape, table);
      const made = await write(statements, relation, await values(relation, user, row), user);
      refuseUnmarked(relation, made, user);
      return made;
    };
    return row;
  };

  async function values(relation: ExposedRelation, writer: RowUser, parent: Parent): Promise<Row> {
    const given = relation.test.row(writer);
    const result: Row = {};
    for (const column of relation.columns) {
      const value = column.name in given ? given[column.name] : genericValue(column, writer.marker);
      if (!column.isGenerated && value !== undefined) result[column.name] = value;
    }
    const targets: string[] = [];
    for (const { columns, target, targetColumns } of relation.foreignKeys) {
      if (target === fullName(relation) || !target.startsWith(`${relation.schema}.`)) continue;
      const number = targets.filter((known) => known === target).length;
      const referred = target === "public.users" ? { id: user.userId } : await parent(target.split(".")[1]!, number);
      targets.push(target);
      columns.forEach((column, position) => (result[column] = referred[targetColumns[position]!]));
    }
    const mine = userColumnOf(relation);
    if (mine) result[mine] = user.userId;
    return result;
  }

  const row = family();
  return {
    row,
    template: (table) => values(exposedTable(shape, table), { ...user, marker: writtenMarker }, family()),
  };
}

function exposedTable(shape: Shape, table: string): ExposedRelation {
  return shape.exposed.find(({ name, kind }) => name === table && kind === "table")!;
}

/** Returns undefined if the column has a default of its own. */
function genericValue({ type, length, labels, hasDefault }: Column, marker: string): unknown {
  switch (type) {
    case "text":
    case "character varying":
      return `${marker} ${searchWord}`.slice(0, length ?? undefined);
    case "json":
    case "jsonb":
      return { marker };
    case "text[]":
      return [marker];
    default:
  }
  if (hasDefault) return undefined;
  if (labels) return labels[0];
  if (/^(smallint|integer|bigint|numeric|real|double precision)$/.test(type)) return 1;
  if (/^(timestamp|date)/.test(type)) return "2026-01-01";
  if (type === "boolean") return true;
  if (type === "uuid") return crypto.randomUUID();
  if (/vec(tor)?$/.test(type)) return sampleVector(length ?? 3);
  return undefined;
}

/** A vector of length 1. All users have the same vector, so that a search by similarity would find all of them. */
export const sampleVector = (width: number) =>
  JSON.stringify(Array.from({ length: width }, () => 1 / Math.sqrt(width)));

async function write({ query }: Statements, relation: ExposedRelation, values: Row, user: RowUser): Promise<Row> {
  const table = fullName(relation);
  const columns = Object.keys(values).join(", ");
  const given = `select ${columns} from jsonb_populate_record(null::${table}, $1::text::jsonb)`;
  const written = Object.keys(relation.test.row(user)).join(", ");
  const [row] = await (relation.name === "users"
    ? query<{ row: Row }>(
        `update ${table} as made set (${written}) =
           (select ${written} from jsonb_populate_record(null::${table}, $1::text::jsonb))
         where id = $2 returning to_jsonb(made) as row`,
        [JSON.stringify(values), user.userId],
      )
    : query<{ row: Row }>(`insert into ${table} as made (${columns}) ${given} returning to_jsonb(made) as row`, [
        JSON.stringify(values),
      ]));
  return row!.row;
}

/** Throws if a text that an attacker might read does not show its owner. */
function refuseUnmarked(relation: ExposedRelation, row: Row, user: RowUser): void {
  const given = relation.test.row(user);
  const unmarked = relation.columns.filter(
    ({ name, type, labels }) =>
      !(name in given) &&
      relation.name !== "users" &&
      !labels &&
      /^(text|character varying|jsonb?|text\[\])$/.test(type) &&
      !JSON.stringify(row[name]).includes(user.marker),
  );
  if (unmarked.length === 0) return;
  throw new Error(`${relation.name} has no marker in ${unmarked.map(({ name }) => name).join(", ")}.`);
}
