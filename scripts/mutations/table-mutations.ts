import type { Statements } from "#groundwork/local";
import { type Mutation, findMutations } from "./mutation.ts";

const schemas = "('public'::regnamespace, 'groundwork'::regnamespace)";
const exposed = "case when relnamespace = 'public'::regnamespace then relname end";

/** Returns mutations that remove the protection of users' rows in a table itself. */
export async function tableMutations(statements: Statements): Promise<Mutation[]> {
  return [
    ...(await findMutations(
      statements,
      "disable row-level security",
      `select
         oid::regclass::text as name,
         ${exposed} as relation,
         format('alter table %s disable row level security', oid::regclass) as apply,
         format('alter table %s enable row level security', oid::regclass) as revert
       from pg_class where relnamespace in ${schemas} and relkind in ('r', 'p') and relrowsecurity
       order by 1`,
    )),
    ...(await findMutations(
      statements,
      "make a view its owner's",
      `select
         oid::regclass::text as name,
         ${exposed} as relation,
         format('alter view %s set (security_invoker = false)', oid::regclass) as apply,
         format('alter view %s set (%s)', oid::regclass, array_to_string(reloptions, ', ')) as revert
       from pg_class
       where relnamespace in ${schemas} and relkind = 'v'
         and exists (select from pg_options_to_table(reloptions) where option_name = 'security_invoker')
       order by 1`,
    )),
    ...(await findMutations(
      statements,
      "take the owner out of a foreign key",
      `select
         conname as name,
         ${exposed} as relation,
         format(
           'alter table %s drop constraint %I, add constraint %I foreign key (%s) references %s (%s) %s',
           conrelid::regclass, conname, conname, columns, confrelid::regclass, target_columns,
           case confdeltype when 'c' then 'on delete cascade' when 'n' then 'on delete set null' else '' end
         ) as apply,
         format(
           'alter table %s drop constraint %I, add constraint %I %s',
           conrelid::regclass, conname, conname, pg_get_constraintdef(pg_constraint.oid)
         ) as revert
       from pg_constraint
       join pg_class on pg_class.oid = conrelid
       cross join lateral (
         select
           string_agg(quote_ident(own.attname), ', ') as columns,
           string_agg(quote_ident(their.attname), ', ') as target_columns,
           count(*) as remaining
         from unnest(conkey, confkey) as pair (own_number, their_number)
         join pg_attribute as own on own.attrelid = conrelid and own.attnum = own_number
         join pg_attribute as their on their.attrelid = confrelid and their.attnum = their_number
         where own.attname <> 'user_id'
       ) as rest
       where contype = 'f' and relnamespace in ${schemas} and remaining > 0 and remaining < cardinality(conkey)
       order by 1`,
    )),
  ];
}
