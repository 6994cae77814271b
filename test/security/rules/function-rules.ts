import { type Rule, houseRule, ourFunctions, ourPolicies, sqlRule } from "./rule.ts";

/** The functions that visitors may call, as `regprocedure` prints them. */
const visitorFunctions: readonly string[] = [];

const nothing = "language sql as 'select 1'";

export const functionRules: Rule[] = [
  houseRule(
    sqlRule("security definers are in the schema groundwork", {
      plant: `create function public.planted() returns integer security definer set search_path = pg_catalog, pg_temp ${nothing}`,
      offenders: `select name from (${ourFunctions}) as functions where prosecdef and nspname <> 'groundwork'`,
    }),
  ),
  // With an empty path, Postgres looks for types in pg_temp first: a caller's pg_temp.timestamptz would run as the
  // owner.
  houseRule(
    sqlRule("the search path of every function is pg_catalog, pg_temp", {
      plant: `create function groundwork.planted() returns integer set search_path = '' ${nothing}`,
      offenders: `
      select name from (${ourFunctions}) as functions
      where prokind <> 'a' and 'search_path=pg_catalog, pg_temp' <> all (coalesce(proconfig, '{}'))`,
    }),
  ),
  // The comment becomes the documentation of the API. The reason of an internal function is written in the SQL, above
  // its body.
  houseRule(
    sqlRule("every function of the API has a comment, and no other has one", {
      plant: `create function public.planted() returns integer ${nothing}`,
      offenders: `
      select name from (${ourFunctions}) as functions
      where (obj_description(oid, 'pg_proc') is null) = (nspname = 'public')`,
    }),
  ),
  sqlRule("visitors may call no function but those of the allow-list", {
    plant: `create function groundwork.planted() returns integer ${nothing}`,
    offenders: `
      select name from (${ourFunctions}) as functions
      where has_function_privilege('anon', oid, 'execute')
        and name <> all (array[${visitorFunctions.map((name) => `'${name}'`).join()}]::text[])`,
  }),
  sqlRule(
    "nothing calls auth.uid(), which fails for a subject that is no uuid, or trusts user_metadata, which users edit",
    {
      plant: `create function groundwork.planted() returns text language sql as 'select ''user_metadata'''`,
      offenders: `
      select name from (${ourFunctions}) as functions
      where prokind <> 'a' and pg_get_functiondef(oid) ~* '\\mauth\\.(uid|jwt)\\(|\\muser_metadata\\M'
      union all
      select name from (${ourPolicies}) as policies
      where concat(using_clause, check_clause) ~* '\\mauth\\.(uid|jwt)\\(|\\muser_metadata\\M'`,
    },
  ),
  sqlRule("a function that forbids sequential scans forbids JIT, which such a plan's cost would call for", {
    plant: `create function groundwork.planted() returns integer set enable_seqscan = off ${nothing}`,
    offenders: `
      select name from (${ourFunctions}) as functions
      where 'enable_seqscan=off' = any (proconfig) and 'jit=off' <> all (proconfig)`,
  }),
  sqlRule("no trigger joins what a statement wrote with what was there before: its plan may be that of one row", {
    plant: `
      create function groundwork.planted() returns trigger language plpgsql as $$
      begin perform from written join former using (id); return null; end $$;
      create trigger planted after update on public.tasks
      referencing old table as former new table as written
      for each statement execute function groundwork.planted()`,
    offenders: `
      select distinct functions.name from (${ourFunctions}) as functions
      join pg_trigger on tgfoid = functions.oid
      where functions.prosrc ~* format('\\mjoin\\s+(%s|%s)\\M', tgoldtable, tgnewtable)`,
  }),
];
