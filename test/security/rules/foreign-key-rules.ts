import { type Rule, houseRule, ours, sqlRule } from "./rule.ts";

/** The foreign keys of our tables, with the names of their columns. */
const ourForeignKeys = `
  select
    pg_constraint.*,
    format('%s on %s', conname, ours.name) as name,
    array(
      select attname::text from unnest(conkey) with ordinality as key (number, position)
      join pg_attribute on attrelid = conrelid and attnum = key.number order by position
    ) as columns,
    array(
      select attname::text from unnest(confkey) with ordinality as key (number, position)
      join pg_attribute on attrelid = confrelid and attnum = key.number order by position
    ) as target_columns
  from pg_catalog.pg_constraint
  join (${ours}) as ours on ours.oid = conrelid
  where contype = 'f'
`;

const isOwned = (table: string) =>
  `exists (select from pg_attribute where attrelid = ${table} and attname = 'user_id' and not attisdropped)`;

export const foreignKeyRules: Rule[] = [
  sqlRule("a foreign key to users says what becomes of the row when the user is deleted", {
    plant: "create table groundwork.planted (user_id uuid constraint planted references public.users (id))",
    offenders: `
      select name from (${ourForeignKeys}) as keys
      where confrelid in ('public.users'::regclass, 'auth.users'::regclass) and confdeltype not in ('c', 'n')`,
  }),
  sqlRule("a foreign key between owned tables takes the owner along", {
    plant: `
      create table public.planted (
        user_id uuid,
        circle_id bigint constraint planted references public.circles (id) on delete cascade
      )`,
    offenders: `
      select name from (${ourForeignKeys}) as keys
      where ${isOwned("conrelid")} and ${isOwned("confrelid")}
        and coalesce(array_position(columns, 'user_id') <> array_position(target_columns, 'user_id'), true)`,
  }),
  houseRule(
    sqlRule("every foreign key is the beginning of an index", {
      plant:
        "create table groundwork.planted (user_id uuid constraint planted references public.users (id) on delete cascade)",
      offenders: `
      select name from (${ourForeignKeys}) as keys
      where not exists (
        select from pg_index
        where indrelid = conrelid
          and indisvalid
          -- A row that the index leaves out refers to nothing.
          and (
            indpred is null
            or pg_get_expr(indpred, indrelid) in (select format('(%I IS NOT NULL)', name) from unnest(columns) as name)
          )
          and (indkey::smallint[])[0:cardinality(conkey) - 1] @> conkey
      )`,
    }),
  ),
  houseRule(
    sqlRule("whoever owns a row is a user, and takes it along when they go", {
      plant: "create table public.planted (user_id uuid not null)",
      offenders: `
      select ours.name from (${ours}) as ours
      where nspname = 'public' and relkind in ('r', 'p') and ${isOwned("ours.oid")}
        and not exists (
          select from (${ourForeignKeys}) as keys
          where conrelid = ours.oid
            and columns = array['user_id']
            and confrelid = 'public.users'::regclass
            and confdeltype = 'c'
        )`,
    }),
  ),
];
