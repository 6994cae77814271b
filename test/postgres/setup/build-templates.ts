import { asAdmin } from "./admin.ts";
import { buildTemplate, templates } from "./templates.ts";

/** Builds, before any test file starts, the databases that those of the tests are copies of. */
export default async function buildTemplates(): Promise<void> {
  await asAdmin(async (sql) => {
    // Two runs on one server build one after the other; what the first one built, the second one finds.
    await sql`select pg_advisory_lock(hashtext('groundwork templates'))`;
    await removeOldDatabases(sql);
    for (const template of await templates()) await buildTemplate(sql, template);
  });
}

/** What runs left behind that were killed, and templates of migrations that are no more. */
async function removeOldDatabases(sql: Parameters<typeof buildTemplate>[0]): Promise<void> {
  const old = await sql<{ datname: string }[]>`
    select datname
    from pg_database
    where datname ~ '^groundwork_(template|test)_'
      and (pg_stat_file('base/' || oid || '/PG_VERSION')).modification < now() - interval '1 day'
  `;
  for (const { datname } of old) await sql`drop database ${sql(datname)} with (force)`;
}
