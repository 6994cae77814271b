import type { LocalDatabase } from "#groundwork/local";

/**
 * Returns the complaints of plpgsql_check about the functions of our schemas. It checks a trigger's function for each
 * of its tables.
 */
export async function checkFunctions({ run, query }: LocalDatabase): Promise<string[]> {
  await run("create extension if not exists plpgsql_check");
  const rows = await query<{ fault: string }>(`
    select distinct format('%s, line %s: %s', checked.function, fault.lineno, fault.message) as fault
    from (
      select
        pg_proc.oid::regprocedure as function,
        coalesce(tgrelid, 0) as relation,
        tgoldtable as old_table,
        tgnewtable as new_table
      from pg_proc
      join pg_language on pg_language.oid = prolang and lanname = 'plpgsql'
      left join pg_trigger on tgfoid = pg_proc.oid
      where pronamespace in ('public'::regnamespace, to_regnamespace('groundwork'))
        -- A trigger function is checked with a table. One that names both transition tables is checked with the trigger
        -- that has both, which is that for updates.
        and (prorettype <> 'trigger'::regtype or tgrelid is not null)
        and not exists (
          select
          from pg_trigger as fuller
          where fuller.tgfoid = pg_proc.oid
            and num_nonnulls(fuller.tgoldtable, fuller.tgnewtable)
              > num_nonnulls(pg_trigger.tgoldtable, pg_trigger.tgnewtable)
        )
    ) as checked
    cross join lateral plpgsql_check_function_tb(
      checked.function,
      checked.relation,
      oldtable => checked.old_table,
      newtable => checked.new_table
    ) as fault
    where fault.level = 'error'
    order by 1
  `);
  return rows.map(({ fault }) => fault);
}
