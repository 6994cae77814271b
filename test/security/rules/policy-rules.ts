import type { Statements } from "#groundwork/local";
import { type Rule, houseRule, ourPolicies, ours, sqlRule } from "./rule.ts";

const table = "create table public.planted (id bigint, user_id uuid);";

export const policyRules: Rule[] = [
  houseRule(
    sqlRule("every policy names its roles", {
      plant: `${table} create policy planted on public.planted for select using (true)`,
      offenders: `select name from (${ourPolicies}) as policies where 0 = any (polroles)`,
    }),
  ),
  houseRule(
    sqlRule("no policy is for all commands", {
      plant: `${table} create policy planted on public.planted for all to authenticated using (true)`,
      offenders: `select name from (${ourPolicies}) as policies where polcmd = '*'`,
    }),
  ),
  houseRule(
    sqlRule("there is one policy for a command and a role", {
      plant: `${table}
      create policy planted on public.planted for select to authenticated using (true);
      create policy another on public.planted for select to authenticated using (true)`,
      offenders: `
      select string_agg(name, ' and ' order by name)
      from (${ourPolicies}) as policies
      cross join unnest(polroles) as role
      where polpermissive
      group by polrelid, polcmd, role
      having count(*) > 1`,
    }),
  ),
  houseRule(
    sqlRule("every policy for update has using and with check", {
      plant: `${table} create policy planted on public.planted for update to authenticated using (true)`,
      offenders: `
      select name from (${ourPolicies}) as policies
      where polcmd = 'w' and (polqual is null or polwithcheck is null)`,
    }),
  ),
  houseRule(
    sqlRule("every clause of a policy for clients asks who they are", {
      plant: `${table} create policy planted on public.planted for delete to authenticated using (user_id is not null)`,
      offenders: `
      select format('%s: %s', name, clause)
      from (${ourPolicies}) as policies
      cross join unnest(array[using_clause, check_clause]) as clause
      where clause !~ 'groundwork\\.current_user_id\\(\\)'
        and polroles && array['anon'::regrole::oid, 'authenticated'::regrole::oid, 0::oid]`,
    }),
  ),
  houseRule({
    name: "functions in policies are wrapped in a sub-select, so that they are called once and not for every row",
    plant: `${table}
      create policy planted on public.planted for select to authenticated using (user_id = groundwork.current_user_id())`,
    find: findUnwrapped,
  }),
  houseRule(
    sqlRule("every column that a policy looks at leads an index", {
      plant: `${table}
      create policy planted on public.planted for select to authenticated using (user_id = gen_random_uuid())`,
      offenders: `
      select distinct format('%s: %s', policies.name, attname)
      from (${ourPolicies}) as policies
      join pg_depend on classid = 'pg_policy'::regclass and objid = policies.oid and refobjid = polrelid
      join pg_attribute on attrelid = polrelid and attnum = refobjsubid
      where attnum > 0
        -- A condition on what is being inserted looks nothing up.
        and (polcmd <> 'a')
        and not exists (
          select from pg_index where indrelid = polrelid and indisvalid and indpred is null and indkey[0] = attnum
        )`,
    }),
  ),
  sqlRule("a table without a policy grants its clients nothing", {
    plant: `${table} grant select on public.planted to authenticated`,
    offenders: `
      select name from (${ours}) as ours
      where relkind in ('r', 'p')
        and not exists (select from pg_policy where polrelid = ours.oid)
        and (
          has_any_column_privilege('authenticated', oid, 'select, insert, update')
          or has_table_privilege('authenticated', oid, 'delete')
        )`,
  }),
];

async function findUnwrapped({ query }: Statements): Promise<string[]> {
  const clauses = await query<{ name: string; clause: string }>(`
    select name, clause
    from (${ourPolicies}) as policies
    cross join unnest(array[using_clause, check_clause]) as clause
    where clause is not null
    order by name`);
  return clauses
    .filter(({ clause }) => /\b(groundwork|auth|public)\.\w+\(|\bcurrent_setting\(/.test(outsideSubselects(clause)))
    .map(({ name, clause }) => `${name}: ${clause}`);
}

/** Returns the expression with `…` in place of every `( SELECT …)` and string. */
export function outsideSubselects(expression: string): string {
  const text = expression.replaceAll(/'(?:[^']|'')*'/g, "…");
  const start = text.search(/\(\s*select\b/i);
  if (start === -1) return text;
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === "(") depth += 1;
    if (text[at] === ")") depth -= 1;
    if (depth === 0) return outsideSubselects(`${text.slice(0, start)}…${text.slice(at + 1)}`);
  }
  return text;
}
