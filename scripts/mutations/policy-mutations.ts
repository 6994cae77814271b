import type { Statements } from "#groundwork/local";
import { type Mutation, findMutations } from "./mutation.ts";

const policies = `
  select
    tablename as relation,
    format('%I on %I.%I', policyname, schemaname, tablename) as policy,
    format(
      'create policy %I on %I.%I as %s for %s to %s%s%s',
      policyname, schemaname, tablename, permissive, cmd, array_to_string(roles, ', '),
      ' using (' || qual || ')', ' with check (' || with_check || ')'
    ) as definition,
    qual,
    with_check
  from pg_catalog.pg_policies
  where schemaname in ('public', 'groundwork')
`;

/** Returns mutations that drop a policy, or change one of its clauses so that every row passes. */
export async function policyMutations(statements: Statements): Promise<Mutation[]> {
  return [
    ...(await findMutations(
      statements,
      "drop a policy",
      `select 'drop policy ' || policy as name, relation, 'drop policy ' || policy as apply, definition as revert
       from (${policies}) as policies order by 1`,
    )),
    ...(await findMutations(
      statements,
      "open a using clause",
      `select
         format('alter policy %s using (true)', policy) as name,
         relation,
         format('alter policy %s using (true)', policy) as apply,
         format('alter policy %s using (%s)', policy, qual) as revert
       from (${policies}) as policies where qual is not null order by 1`,
    )),
    ...(await findMutations(
      statements,
      "remove a with check",
      `select
         format('alter policy %s with check (true)', policy) as name,
         relation,
         format('alter policy %s with check (true)', policy) as apply,
         format('alter policy %s with check (%s)', policy, with_check) as revert
       from (${policies}) as policies where with_check is not null order by 1`,
    )),
  ];
}
