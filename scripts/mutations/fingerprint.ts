import type { Statements } from "#groundwork/local";

/**
 * Returns everything that a mutation can change, one line each. After a mutation is undone, the text must be the same
 * as before.
 */
export async function fingerprint({ query }: Statements): Promise<string> {
  const [row] = await query<{ lines: string }>(`
    with ours as (select oid from pg_namespace where nspname in ('public', 'groundwork')),
    lines as (
      select format('%s %s %s %s', oid::regclass, relkind, relrowsecurity, reloptions) as line
      from pg_class where relnamespace in (select oid from ours) and relkind in ('r', 'p', 'v', 'm')
      union all
      select format('%s', pg_policies) from pg_policies
      union all
      select format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      from pg_constraint where connamespace in (select oid from ours)
      union all
      select format('%s %s', pg_class.oid::regclass, pg_class.relacl::text)
      from pg_class where relnamespace in (select oid from ours)
      union all
      select format('%s.%s %s', attrelid::regclass, attname, attacl::text)
      from pg_attribute join pg_class on pg_class.oid = attrelid
      where relnamespace in (select oid from ours) and attacl is not null
      union all
      select format('%s %s', oid::regprocedure, proacl::text)
      from pg_proc where pronamespace in (select oid from ours)
    )
    select string_agg(line, e'\\n' order by line) as lines from lines`);
  return row!.lines;
}
