import { readFile, readdir } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { PgliteDatabase } from "../../src/local/database/open-pglite.ts";
import { applyMigrations, changedMigrations, readMigrations } from "../../src/local/migrations.ts";
import { emptyDatabase } from "../setup/empty-database.ts";

const migrations = await readMigrations("supabase/migrations");

const tables = async (database: PgliteDatabase) =>
  (
    await database.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname in ('public', 'groundwork') order by 1",
    )
  ).map(({ name }) => name);

describe("migrations", () => {
  test("each has a rollback of the same name", async () => {
    expect(await readdir("supabase/rollbacks")).toEqual(migrations.map(({ file }) => file));
  });

  test("PK-T2 DL-AC5 MK-V8 TD-6.3 TD-9.1 TD-9.2 are applied, all undone, and applied again to the same state", async () => {
    const database = await emptyDatabase();
    await applyMigrations(database, migrations);
    const up = await schemaOf(database);

    for (const { version, file } of migrations.toReversed()) {
      await database.run(await readFile(`supabase/rollbacks/${file}`, "utf8"));
      await database.query("delete from supabase_migrations.schema_migrations where version = $1", [version]);
    }
    expect(await tables(database)).toEqual([]);
    expect(await database.query("select 1 from pg_namespace where nspname = 'groundwork'")).toEqual([]);
    const triggers = "select tgname from pg_trigger where tgname = 'set_updated_at' or tgname like 'groundwork_%'";
    expect(await database.query(triggers)).toEqual([]);
    const again = await applyMigrations(database, migrations);

    expect(again).toHaveLength(migrations.length);
    expect(await schemaOf(database)).toEqual(up);
    expect(up.length).toBeGreaterThan(100);
    await database.close();
  });

  test("those that changed after they were applied are found, and only those", async () => {
    const database = await emptyDatabase();
    await applyMigrations(database, migrations);
    expect(await changedMigrations(database, migrations)).toEqual([]);

    const first = migrations[0]!;
    const changedTo = (sql: string) => changedMigrations(database, [{ ...first, sql }]);
    for (const sql of [
      `${first.sql}\ncreate table public.more (id integer);`,
      `create table public.more (id integer);\n${first.sql}`,
      first.sql.replace("create schema groundwork", "create schema secret"),
      first.sql.slice(0, first.sql.lastIndexOf(";", first.sql.trimEnd().length - 2) + 1),
      "",
    ]) {
      expect(await changedTo(sql)).toHaveLength(1);
    }
    for (const sql of [`\n${first.sql}\n\n;\n`, `${first.sql}\n-- The end.\n/* Really. */\n`]) {
      expect(await changedTo(sql)).toEqual([]);
    }
    await database.close();
  });

  test("10,000 existing accounts get their rows, and one that cannot be mirrored does not stop the migration", async () => {
    const database = await emptyDatabase();
    const [helpers, ...rest] = migrations;
    await applyMigrations(database, [helpers!]);
    await database.run(`
      insert into auth.users (id, email, raw_user_meta_data)
      select gen_random_uuid(), 'person' || n || '@example.com', jsonb_build_object('name', 'Person ' || n, 'timezone', n)
      from generate_series(1, 10000) as n;
      insert into auth.users (id, email, is_sso_user) values (gen_random_uuid(), 'PERSON1@example.com', true);
    `);

    await applyMigrations(database, [helpers!, ...rest]);

    const [counts] = await database.query(`
      select
        (select count(*) from public.users where auth_user_id = id and name like 'Person %') as people,
        (select count(*) from groundwork.user_sync_errors where error_code = '23505') as errors
    `);
    expect(counts).toEqual({ people: 10_000, errors: 1 });
    await database.close();
  });
});

/** Returns everything that migrations can make in `public` and `groundwork`, with its grants, one line each. */
async function schemaOf(database: PgliteDatabase): Promise<string[]> {
  const rows = await database.query<{ line: string }>(`
    with ours as (select oid, nspname from pg_namespace where nspname in ('public', 'groundwork'))
    select format('schema %s %s %s', nspname, obj_description(oid, 'pg_namespace'), nspacl)
    from pg_namespace where nspname in ('public', 'groundwork')
    union all
    select format('%s %s.%s %s %s', relkind, nspname, relname, relrowsecurity, relacl)
    from pg_class join ours on ours.oid = relnamespace
    union all
    select format('column %s.%s %s %s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull,
        pg_get_expr(adbin, adrelid), attacl)
    from pg_attribute
    join pg_class on pg_class.oid = attrelid
    join ours on ours.oid = relnamespace
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where attnum > 0
    union all
    select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(pg_constraint.oid))
    from pg_constraint join ours on ours.oid = connamespace
    union all
    select pg_get_indexdef(indexrelid) from pg_index join pg_class on pg_class.oid = indexrelid join ours on ours.oid = relnamespace
    union all
    select format('%s %s', pg_get_functiondef(pg_proc.oid), proacl) from pg_proc join ours on ours.oid = pronamespace
    union all
    select pg_get_triggerdef(pg_trigger.oid) from pg_trigger where not tgisinternal
    union all
    select format('policy %s', pg_policies) from pg_policies where schemaname = 'public'
    union all
    select format('enum %s %s', enumtypid::regtype, enumlabel) from pg_enum
    union all
    select format('comment %s %s', pg_describe_object(classoid, pg_description.objoid, objsubid), description)
    from pg_description where objoid > 16384
    order by 1
  `);
  return rows.map((row) => Object.values(row)[0] as string);
}
