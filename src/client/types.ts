import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../database.ts";

/** A supabase-js client that knows the schema, as `createClient` makes it. */
export type Client = SupabaseClient<Database>;

type Tables = Database["public"]["Tables"];
/** A table of the API. */
export type TableName = keyof Tables;

/** A row as the API gives it, without fields that have to be asked for; timestamps are ISO 8601 strings. */
export type Row<Table extends TableName> = Simplify<Omit<Tables[Table]["Row"], Tables[Table]["ComputedFields"]>>;

/** What a new row takes: of the columns that users may give, those without a default are required. */
export type New<Table extends TableName, Column extends keyof Tables[Table]["Insert"]> = Simplify<
  Pick<Tables[Table]["Insert"], Column>
>;

/** What may be changed of a row. */
export type Changes<Table extends TableName, Column extends keyof Tables[Table]["Update"]> = Simplify<
  Pick<Tables[Table]["Update"], Column>
>;

/** The values that columns must have. Null finds rows without one; an array finds rows whose own contains all of it. */
export type Filter<Table extends TableName, Column extends keyof Row<Table>> = {
  [Key in Column]?: Row<Table>[Key] | undefined;
};

export type Simplify<T> = { [Key in keyof T]: T[Key] };
