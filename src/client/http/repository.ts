import type { PostgrestFilterBuilder, SupabaseClient } from "@supabase/supabase-js";
import { GroundworkError } from "./groundwork-error.ts";
import { type Answer, notFromBackend } from "./read-answer.ts";
import { type Backend, type Repetition, type RequestOptions, request } from "./request.ts";
import type { TableName } from "../types.ts";

/** A part of a list. */
export interface Page<Row> {
  items: Row[];
  /** How many rows there are in all. */
  total: number;
}

/** Which part of a list to give. */
export interface PageOptions {
  /** How many rows to give, 0 to 1000. Default 50. */
  limit?: number | undefined;
  /** How many to leave out. Default 0. */
  offset?: number | undefined;
}

/** How to go through all rows. */
export interface AllOptions extends RequestOptions {
  /** Rows a request, 1 to 1000. Default 200, which 0 stands for, too. */
  pageSize?: number | undefined;
}

interface AnyRow {
  id: number | string;
  created_at: string;
}

/** What can be read of a table: one's own rows, the newest first. */
export interface Reading<Row extends AnyRow, Filter> {
  /** @throws GroundworkError `not_found` */
  get(id: Row["id"], options?: RequestOptions): Promise<Row>;
  /** A page of the rows that fit, with how many there are in all. */
  list(query?: Filter & PageOptions, options?: RequestOptions): Promise<Page<Row>>;
  /** How many rows fit. */
  count(filter?: Filter, options?: RequestOptions): Promise<number>;
  /**
   * Every row that fits, in as many requests as it takes. Rows that are written meanwhile don't make it skip or repeat any.
   *
   * @example for await (const task of gw.tasks.all({ completed: false })) console.log(task.title);
   */
  all(filter?: Filter, options?: AllOptions): AsyncGenerator<Row, void, undefined>;
}

/** New rows. */
export interface Creating<Row, New> {
  /** Writes a row and gives it as it now is. */
  create(values: New, options?: RequestOptions): Promise<Row>;
  /** Writes all of these rows, or none. */
  createMany(values: readonly New[], options?: RequestOptions): Promise<Row[]>;
}

/** Changes of rows. */
export interface Updating<Row extends AnyRow, Changes> {
  /**
   * Changes what is given, leaves the rest, and gives the row as it now is.
   *
   * @throws GroundworkError `not_found`
   */
  update(id: Row["id"], changes: Changes, options?: RequestOptions): Promise<Row>;
}

/** The end of rows. */
export interface Removing<Row extends AnyRow> {
  /** @throws GroundworkError `not_found` */
  remove(id: Row["id"], options?: RequestOptions): Promise<void>;
}

/** What can be done with rows of one table: create, read, update, delete, list, count. */
export interface Repository<Row extends AnyRow, New, Changes, Filter>
  extends Reading<Row, Filter>, Creating<Row, New>, Updating<Row, Changes>, Removing<Row> {}

/** Everything that can be done with rows of a table. The parts are there for tables that allow only some of it. */
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

  // Not with HEAD, whose answer has no body that could say what is wrong.
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
        // The first condition says no more than the second, but an index can follow it.
        return rows.lte("created_at", created_at).or(`created_at.lt."${created_at}",id.lt.${id}`);
      };
      // A page may be short because the server gives fewer rows at once than were asked for; only an empty one is the end.
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
    // Rows of one request may give different columns: what one leaves out is its default, not null.
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
        // PostgREST takes an update of nothing as one that touches nothing, even a row that is there.
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

// supabase-js can't type a table that is a variable.
type Query = PostgrestFilterBuilder<any, any, any, any, any, any, any>;

/** Without the types of the schema, which are in the domains. */
export const from = ({ supabase }: Backend, table: TableName) => (supabase as unknown as SupabaseClient).from(table);

/** postgrest-js retries on its own, without jitter and past any time limit: switched off, `request` does it. */
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
    // Quoted, because postgrest-js joins them with commas as they are.
    else if (Array.isArray(value))
      query = query.contains(
        column,
        value.map((text) => JSON.stringify(text)),
      );
    else query = query.eq(column, value);
  }
  return query;
}

/** The rows of an answer. One that has none at all came from something else that said it was fine. */
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
