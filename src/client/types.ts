import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../database.ts";

/** A supabase-js client with the types of the schema, as `createClient` makes it. */
export type Client = SupabaseClient<Database>;

type Tables = Database["public"]["Tables"];
/** A table of the API. */
export type TableName = keyof Tables;

/**
 * A row as the API returns it, without computed fields, which must be selected by name. Timestamps are ISO 8601
 * strings.
 */
export type Row<Table extends TableName> = Simplify<Omit<Tables[Table]["Row"], Tables[Table]["ComputedFields"]>>;

/** The fields of a new row: the columns that users may write. Those without a default are required. */
export type New<Table extends TableName, Column extends keyof Tables[Table]["Insert"]> = Simplify<
  Pick<Tables[Table]["Insert"], Column>
>;

/** The columns of a row that can be changed. */
export type Changes<Table extends TableName, Column extends keyof Tables[Table]["Update"]> = Simplify<
  Pick<Tables[Table]["Update"], Column>
>;

/**
 * The values that columns must have. Null matches rows without a value. An array matches rows whose array has all of
 * its elements.
 */
export type Filter<Table extends TableName, Column extends keyof Row<Table>> = {
  [Key in Column]?: Row<Table>[Key] | undefined;
};

export type Simplify<T> = { [Key in keyof T]: T[Key] };
