import { asAdmin } from "./admin.ts";
import { buildTemplate, templates } from "./templates.ts";

/** Builds the template databases before any test file starts. The databases of the tests are copies of them. */
export default async function buildTemplates(): Promise<void> {
  await asAdmin(async (sql) => {
    // Two test runs on one server build one after the other. The second run finds what the first one built.
    await sql`select pg_advisory_lock(hashtext('groundwork templates'))`;
    await removeOldDatabases(sql);
    for (const template of await templates()) await buildTemplate(sql, template);
  });
}

/** Drops the databases of test runs that were killed, and templates of migrations that no longer exist. */
async function removeOldDatabases(sql: Parameters<typeof buildTemplate>[0]): Promise<void> {
  const old = await sql<{ datname: string }[]>`
    select datname
    from pg_database
    where datname ~ '^groundwork_(template|test)_'
      and (pg_stat_file('base/' || oid || '/PG_VERSION')).modification < now() - interval '1 day'
  `;
  for (const { datname } of old) await sql`drop database ${sql(datname)} with (force)`;
}
