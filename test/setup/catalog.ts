import type { LocalBackend } from "#groundwork/local";

/** A table as the catalog describes it, in the words of `psql \d`. */
export interface TableShape {
  /** For each column: its type, ` not null` if it applies, and its default. */
  columns: Record<string, string>;
  /** The definitions of foreign keys, unique constraints and the primary key. */
  constraints: string[];
  /** The indexed columns, one entry for each index. */
  indexes: string[];
}

/** Reads the shape of a table in `public`; undefined if it does not exist. */
export async function describeTable({ database }: LocalBackend, table: string): Promise<TableShape | undefined> {
  const [row] = await database.query<TableShape & { columns: Record<string, string> | null }>(
    `select
       (
         select jsonb_object_agg(
           attname,
           concat(
             format_type(atttypid, atttypmod),
             case when attnotnull then ' not null' end,
             case attidentity when 'a' then ' generated always as identity' end,
             ' default ' || pg_get_expr(adbin, adrelid)
           )
         )
         from pg_catalog.pg_attribute
         left join pg_catalog.pg_attrdef on adrelid = attrelid and adnum = attnum
         where attrelid = class.oid and attnum > 0 and not attisdropped
       ) as columns,
       array(
         select pg_get_constraintdef(oid)
         from pg_catalog.pg_constraint
         where conrelid = class.oid and contype in ('f', 'u', 'p')
         order by 1
       ) as constraints,
       array(
         select substring(pg_get_indexdef(indexrelid) from '\\((.*)\\)')
         from pg_catalog.pg_index
         where indrelid = class.oid
         order by 1
       ) as indexes
     from (select to_regclass('public.' || $1) as oid) as class
     where class.oid is not null`,
    [table],
  );
  return row;
}
