import type { PostgrestFilterBuilder, SupabaseClient } from "@supabase/supabase-js";
import { GroundworkError } from "./groundwork-error.ts";
import { type Answer, notFromBackend } from "./read-answer.ts";
import { type Backend, type Repetition, type RequestOptions, request } from "./request.ts";
import type { TableName } from "../types.ts";

/** A part of a list. */
export interface Page<Row> {
  items: Row[];
  /** The number of all rows that match. */
  total: number;
}

/** Which part of a list to return. */
export interface PageOptions {
  /** How many rows to return, 0 to 1000. Default 50. */
  limit?: number | undefined;
  /** How many rows to skip. Default 0. */
  offset?: number | undefined;
}

/** How to read all rows. */
export interface AllOptions extends RequestOptions {
  /** Rows per request, 1 to 1000. Default 200, also for 0. */
  pageSize?: number | undefined;
}

interface AnyRow {
  id: number | string;
  created_at: string;
}

/** How rows of a table are read: your own rows, the newest first. */
export interface Reading<Row extends AnyRow, Filter> {
  /** @throws GroundworkError `not_found` */
  get(id: Row["id"], options?: RequestOptions): Promise<Row>;
  /** Returns a page of the rows that match, and the number of all of them. */
  list(query?: Filter & PageOptions, options?: RequestOptions): Promise<Page<Row>>;
  /** Returns the number of rows that match. */
  count(filter?: Filter, options?: RequestOptions): Promise<number>;
  /**
   * Yields every row that matches, in as many requests as needed. Rows that are inserted meanwhile cause no row to be
   * skipped or repeated.
   *
   * @example for await (const task of gw.tasks.all({ completed: false })) console.log(task.title);
   */
  all(filter?: Filter, options?: AllOptions): AsyncGenerator<Row, void, undefined>;
}

/** How rows are created. */
export interface Creating<Row, New> {
  /** Inserts a row and returns it as it was stored. */
  create(values: New, options?: RequestOptions): Promise<Row>;
  /** Inserts all of these rows, or none. */
  createMany(values: readonly New[], options?: RequestOptions): Promise<Row[]>;
}

/** How rows are updated. */
export interface Updating<Row extends AnyRow, Changes> {
  /**
   * Changes the given columns, leaves the others as they are, and returns the row as it was stored.
   *
   * @throws GroundworkError `not_found`
   */
  update(id: Row["id"], changes: Changes, options?: RequestOptions): Promise<Row>;
}

/** How rows are deleted. */
export interface Removing<Row extends AnyRow> {
  /** @throws GroundworkError `not_found` */
  remove(id: Row["id"], options?: RequestOptions): Promise<void>;
}

/** Everything that can be done with the rows of one table. */
export interface Repository<Row extends AnyRow, New, Changes, Filter>
  extends Reading<Row, Filter>, Creating<Row, New>, Updating<Row, Changes>, Removing<Row> {}

/** Makes the methods for the rows of a table. The domains of tables that allow only some of them expose only those. */
export function repository<Row extends AnyRow, New extends object, Changes extends object, Filter extends object>(
  backend: Backend,
  table: TableName,
): Repository<Row, New, Changes, Filter> {
  return {
    ...reading<Row, Filter>(backend, table),
    ...creating<Row, New>(backend, table),
    ...updating<Row, Changes>(backend, table),
    ...removing<Row>(backend, table),
  };
}

export function reading<Row extends AnyRow, Filter extends object>(
  backend: Backend,
  table: TableName,
): Reading<Row, Filter> {
  const read = (options: RequestOptions | undefined, query: () => Query) =>
    runQuery(backend, "repeatable", query, options);
  const select = (filter?: object, columns?: string) =>
    matching(from(backend, table).select(columns, filter && { count: "exact" }), filter);

  // HEAD would be enough for a count, but its answer has no body, and so no error message.
  const count = async (filter: object = {}, options?: RequestOptions) =>
    totalOf(await read(options, () => select(filter, "id").limit(0)));

  return {
    count,

    get: async (id, options) => onlyRow<Row>(await read(options, () => select().eq("id", id)), table, id),

    async list(query, options) {
      const { limit = 50, offset = 0, ...filter } = (query ?? {}) as PageOptions;
      try {
        const page = () => newestFirst(select(filter)).range(offset, offset + limit - 1);
        const answer = await read(options, page);
        return { items: rowsIn<Row>(answer), total: totalOf(answer) };
      } catch (error) {
        // PostgREST refuses an offset that is beyond the last row.
        if ((error as GroundworkError).backendCode !== "PGRST103") throw error;
        return { items: [], total: await count(filter, options) };
      }
    },

    async *all(filter, { pageSize, ...options } = {}) {
      let last: Row | undefined;
      const page = () => {
        const rows = newestFirst(matching(select(), filter)).limit(pageSize || 200);
        if (!last) return rows;
        const { id, created_at } = last;
        // The first condition follows from the second. It is there because an index can be used for it.
        return rows.lte("created_at", created_at).or(`created_at.lt."${created_at}",id.lt.${id}`);
      };
      // A server may return fewer rows than asked for, so a short page is not the end. Only an empty page is.
      do {
        const rows = rowsIn<Row>(await read(options, page));
        yield* rows;
        last = rows.at(-1);
      } while (last);
    },
  };
}

export function creating<Row, New extends object>(backend: Backend, table: TableName): Creating<Row, New> {
  const createMany = async (values: readonly New[], options?: RequestOptions): Promise<Row[]> => {
    if (values.length === 0) return [];
    // The rows of one request may have different columns. A column that a row leaves out gets its default, not null.
    const insert = () =>
      from(backend, table)
        .insert([...values], { defaultToNull: false })
        .select();
    return rowsIn(await runQuery(backend, "once", insert, options));
  };
  return { createMany, create: async (values, options) => (await createMany([values], options))[0]! };
}

export function updating<Row extends AnyRow, Changes extends object>(
  backend: Backend,
  table: TableName,
): Updating<Row, Changes> {
  return {
    async update(id, changes, options) {
      const isEmpty = Object.values(changes).every((value) => value === undefined);
      const query = () => {
        const rows = from(backend, table);
        // PostgREST answers an update without columns as if it had found no row, even if the row exists.
        return (isEmpty ? rows.select() : rows.update(changes).select()).eq("id", id);
      };
      return onlyRow(await runQuery(backend, isEmpty ? "repeatable" : "once", query, options), table, id);
    },
  };
}

export function removing<Row extends AnyRow>(backend: Backend, table: TableName): Removing<Row> {
  return {
    async remove(id, options) {
      const query = () => from(backend, table).delete().eq("id", id).select("id");
      onlyRow(await runQuery(backend, "once", query, options), table, id);
    },
  };
}

// supabase-js cannot type a table whose name is a variable.
type Query = PostgrestFilterBuilder<any, any, any, any, any, any, any>;

/** Without the types of the schema, which the domains add. */
export const from = ({ supabase }: Backend, table: TableName) => (supabase as unknown as SupabaseClient).from(table);

/**
 * Sends a query without the retries of postgrest-js, which have no jitter and ignore the time limit. `request` retries
 * instead.
 */
export const runQuery = (
  { settings }: Backend,
  repetition: Repetition,
  query: () => Query,
  options: RequestOptions | undefined,
): Promise<Answer<unknown>> =>
  request((signal) => query().abortSignal(signal).retry(false), repetition, settings, options);

const newestFirst = (query: Query) => query.order("created_at", { ascending: false }).order("id", { ascending: false });

function matching(query: Query, filter: object = {}): Query {
  for (const [column, value] of Object.entries(filter)) {
    if (value === undefined) continue;
    if (value === null) query = query.is(column, null);
    // postgrest-js joins the values with commas and does not quote them.
    else if (Array.isArray(value))
      query = query.contains(
        column,
        value.map((text) => JSON.stringify(text)),
      );
    else query = query.eq(column, value);
  }
  return query;
}

/** Returns the rows of an answer. An answer with status 200 and no rows at all came from a proxy. */
export function rowsIn<Row>({ data, status }: Answer<unknown>): Row[] {
  if (Array.isArray(data)) return data;
  throw notFromBackend(status);
}

function totalOf({ count, status }: Answer<unknown>): number {
  if (Number.isInteger(count)) return count!;
  throw notFromBackend(status);
}

function onlyRow<Row>(answer: Answer<unknown>, table: string, id: unknown): Row {
  const [row] = rowsIn<Row>(answer);
  if (row) return row;
  throw new GroundworkError("not_found", `You have no row ${id} in ${table}.`);
}
