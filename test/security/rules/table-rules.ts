import { type Rule, houseRule, ours, sqlRule } from "./rule.ts";

export const tableRules: Rule[] = [
  sqlRule("every table has row-level security", {
    plant: "create table groundwork.planted (id bigint)",
    offenders: `select name from (${ours}) as ours where relkind in ('r', 'p') and not relrowsecurity`,
  }),
  houseRule(
    sqlRule("every table and view has a comment", {
      plant: "create view public.planted as select 1 as one",
      offenders: `
      select name from (${ours}) as ours
      where relkind in ('r', 'p', 'v', 'm', 'f') and obj_description(oid, 'pg_class') is null`,
    }),
  ),
  houseRule(
    sqlRule("every table with updated_at keeps it by the set_updated_at trigger", {
      plant: "create table public.planted (updated_at timestamptz)",
      offenders: `
      select name from (${ours}) as ours
      where relkind in ('r', 'p')
        and exists (select from pg_attribute where attrelid = ours.oid and attname = 'updated_at' and not attisdropped)
        and not exists (
          select from pg_trigger
          where tgrelid = ours.oid
            and tgfoid = 'groundwork.set_updated_at()'::regprocedure
            and tgenabled <> 'D'
            -- For each row, before, update.
            and tgtype & (1 | 2 | 16) = (1 | 2 | 16)
        )`,
    }),
  ),
  houseRule(
    sqlRule("money is numeric", {
      plant: "create table public.planted (max_price double precision)",
      offenders: `
      select format('%s.%s', name, attname)
      from (${ours}) as ours
      join pg_attribute on attrelid = ours.oid and attnum > 0 and not attisdropped
      where relkind in ('r', 'p', 'v', 'm')
        and attname ~ '(cost|spend|spent|budget|price|amount|revenue)'
        and atttypid in ('real'::regtype, 'double precision'::regtype, 'money'::regtype)`,
    }),
  ),
  sqlRule("every view is a security invoker", {
    plant: "create view public.planted as select 1 as one",
    offenders: `
      select name from (${ours}) as ours
      where relkind = 'v'
        and not exists (
          select from pg_options_to_table(reloptions)
          where option_name = 'security_invoker' and option_value::boolean
        )`,
  }),
  sqlRule("no materialized view is exposed, because it can't have row-level security", {
    plant: "create materialized view public.planted as select 1 as one",
    offenders: `select name from (${ours}) as ours where relkind = 'm' and nspname = 'public'`,
  }),
];
