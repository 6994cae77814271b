import { readFileSync } from "node:fs";
import type { Statements } from "#groundwork/local";
import type { TableUnderTest } from "../table-under-test.ts";
import { tableUnderTest } from "../tables.ts";

export interface Column {
  name: string;
  /** The type as `format_type` prints it, without its length. */
  type: string;
  /** The n of `varchar(n)` or `vector(n)`. */
  length: number | null;
  /** Labels of an enum. */
  labels: string[] | null;
  /** True for columns that only the database writes: identities and generated columns. */
  isGenerated: boolean;
  hasDefault: boolean;
}

export interface ForeignKey {
  name: string;
  columns: string[];
  /** `schema.table` */
  target: string;
  targetColumns: string[];
}

/** A table or a view, as the catalog describes it. */
export interface Relation {
  schema: string;
  name: string;
  kind: "table" | "view";
  columns: Column[];
  /** Columns of the primary key and of every other unique index that `on conflict` can name, the primary key first. */
  keys: string[][];
  foreignKeys: ForeignKey[];
}

/** A table or a view of the exposed schemas. Views can only be read. */
export interface ExposedRelation extends Relation {
  test: TableUnderTest;
}

/** A function that the API serves as `/rpc/<name>`. */
export interface Routine {
  name: string;
  arguments: { name: string; type: string; labels: string[] | null }[];
}

export interface Shape {
  /** The tables and views of the exposed schemas. */
  exposed: ExposedRelation[];
  /** The tables of all our schemas, and `auth.users`. */
  tables: Relation[];
  routines: Routine[];
  /** Our functions that are not exposed. */
  hiddenRoutines: { schema: string; name: string }[];
}

/** The schemas that `[api] schemas` in supabase/config.toml exposes. */
export const exposedSchemas: string[] = JSON.parse(
  /^schemas = (\[.*\])$/m.exec(readFileSync("supabase/config.toml", "utf8"))![1]!,
) as string[];

/** Reads everything that can be attacked. */
export async function readShape(statements: Statements): Promise<Shape> {
  const { query } = statements;
  const relations = await query<Relation>(relationsSql);
  const routines = await query<Routine & { schema: string; isCallable: boolean }>(routinesSql);
  const isExposed = ({ schema }: { schema: string }) => exposedSchemas.includes(schema);
  const exposed: ExposedRelation[] = [];
  for (const relation of relations.filter(isExposed)) {
    const { kind, schema, name } = relation;
    const test = kind === "view" ? viewUnderTest : await tableUnderTest(statements, schema, name);
    exposed.push({ ...relation, test });
  }
  return {
    exposed,
    tables: relations.filter(({ kind }) => kind === "table"),
    routines: routines.filter((routine) => isExposed(routine) && routine.isCallable),
    hiddenRoutines: routines.filter((routine) => !isExposed(routine)),
  };
}

const viewUnderTest: TableUnderTest = { rights: { select: true }, row: () => ({}) };

export const fullName = ({ schema, name }: Pick<Relation, "schema" | "name">) => `${schema}.${name}`;

/** Returns the column with the owner of a row. */
export function userColumnOf({ name, columns }: Relation): string | undefined {
  const has = (column: string) => columns.some((each) => each.name === column);
  return (
    ["user_id", "auth_user_id"].find((column) => name !== "users" && has(column)) ??
    (name === "users" ? "id" : undefined)
  );
}

const relationsSql = `
  select
    nspname as schema,
    relname as name,
    case when relkind in ('r', 'p') then 'table' else 'view' end as kind,
    (
      select jsonb_agg(
        jsonb_build_object(
          'name', attname,
          'type', format_type(atttypid, null),
          'length', case
            when atttypmod = -1 then null
            when atttypid in ('varchar'::regtype, 'bpchar'::regtype) then atttypmod - 4
            else atttypmod
          end,
          'labels', (select jsonb_agg(enumlabel order by enumsortorder) from pg_enum where enumtypid = atttypid),
          'isGenerated', attidentity <> '' or attgenerated <> '',
          'hasDefault', atthasdef
        )
        order by attnum
      )
      from pg_attribute
      where attrelid = pg_class.oid and attnum > 0 and not attisdropped
    ) as columns,
    coalesce(
      (
        select jsonb_agg(
          (
            select jsonb_agg(attname order by position)
            from unnest(indkey::smallint[]) with ordinality as key (number, position)
            join pg_attribute on attrelid = indrelid and attnum = key.number
          )
          order by indisprimary desc, indexrelid
        )
        from pg_index
        where indrelid = pg_class.oid and indisunique and indpred is null and indexprs is null
      ),
      '[]'
    ) as keys,
    coalesce(
      (
        select jsonb_agg(
          jsonb_build_object(
            'name', conname,
            'columns', (
              select jsonb_agg(attname order by position)
              from unnest(conkey) with ordinality as key (number, position)
              join pg_attribute on attrelid = conrelid and attnum = key.number
            ),
            'target', (
              select format('%s.%s', schema.nspname, target.relname)
              from pg_class as target join pg_namespace as schema on schema.oid = target.relnamespace
              where target.oid = confrelid
            ),
            'targetColumns', (
              select jsonb_agg(attname order by position)
              from unnest(confkey) with ordinality as key (number, position)
              join pg_attribute on attrelid = confrelid and attnum = key.number
            )
          )
          order by conname
        )
        from pg_constraint
        where conrelid = pg_class.oid and contype = 'f'
      ),
      '[]'
    ) as "foreignKeys"
  from pg_class
  join pg_namespace on pg_namespace.oid = relnamespace
  where relkind in ('r', 'p', 'v', 'm', 'f')
    and (nspname in ('public', 'groundwork') or (nspname, relname) = ('auth', 'users'))
    and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e')
  order by 1, 2
`;

const routinesSql = `
  select
    nspname as schema,
    proname as name,
    -- A function of a row is a computed column, a trigger function can't be called.
    prorettype <> 'trigger'::regtype
      and not exists (
        select from unnest(proargtypes::oid[]) as argument join pg_type on pg_type.oid = argument where typtype = 'c'
      ) as "isCallable",
    coalesce(
      (
        select jsonb_agg(
          jsonb_build_object(
            'name', coalesce(proargnames[position], ''),
            'type', format_type(argument, null),
            'labels', (select jsonb_agg(enumlabel order by enumsortorder) from pg_enum where enumtypid = argument)
          )
          order by position
        )
        from unnest(proargtypes::oid[]) with ordinality as arguments (argument, position)
      ),
      '[]'
    ) as arguments
  from pg_proc
  join pg_namespace on pg_namespace.oid = pronamespace
  where nspname in ('public', 'groundwork')
    and prokind = 'f'
    and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e')
  order by 1, 2
`;
