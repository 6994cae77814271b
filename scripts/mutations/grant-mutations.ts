import type { Statements } from "#groundwork/local";
import { type Mutation, findMutations } from "./mutation.ts";

const schemas = "('public'::regnamespace, 'groundwork'::regnamespace)";
const exposed = "case when relnamespace = 'public'::regnamespace then relname end";

/** Makes a query for missing grants: `missing` is the text between `grant` and the end of the statement. */
const grants = (relation: string, from: string) => `
  select
    missing as name,
    ${relation} as relation,
    'grant ' || missing as apply,
    'revoke ' || regexp_replace(missing, ' to (\\w+)$', ' from \\1') as revert
  from ${from}
  order by 1`;

const tableGrants = (role: string) =>
  grants(
    exposed,
    `pg_class
     cross join unnest(array['select', 'insert', 'update', 'delete']) as command
     cross join lateral format('%s on %s to ${role}', command, pg_class.oid::regclass) as missing
     where relnamespace in ${schemas}
       and relkind in ('r', 'p', 'v', 'm')
       and not has_table_privilege('${role}', pg_class.oid, command)`,
  );

const columnGrants = (role: string, commands: string) =>
  grants(
    exposed,
    `pg_class
     join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
     cross join unnest(array[${commands}]) as command
     cross join lateral format('%s (%I) on %s to ${role}', command, attname, pg_class.oid::regclass) as missing
     where relnamespace in ${schemas}
       and relkind in ('r', 'p', 'v', 'm')
       and not has_column_privilege('${role}', pg_class.oid, attnum, command)`,
  );

const functionGrants = (role: string) =>
  grants(
    "null",
    `pg_proc
     cross join lateral format('execute on function %s to ${role}', oid::regprocedure) as missing
     where pronamespace in ${schemas} and prokind <> 'p' and not has_function_privilege('${role}', oid, 'execute')`,
  );

/** Returns one mutation for each right that is missing on purpose: the mutation grants it. */
export async function grantMutations(statements: Statements): Promise<Mutation[]> {
  return [
    ...(await findMutations(statements, "let visitors call a function", functionGrants("anon"))),
    ...(await findMutations(statements, "let visitors at a table", tableGrants("anon"))),
    ...(await findMutations(statements, "let visitors at a column", columnGrants("anon", "'select', 'update'"))),
    ...(await findMutations(statements, "give users a table", tableGrants("authenticated"))),
    ...(await findMutations(statements, "give users a column", columnGrants("authenticated", "'insert', 'update'"))),
  ];
}
