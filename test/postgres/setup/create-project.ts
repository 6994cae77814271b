import { openPostgres } from "../../../src/local/database/open-postgres.ts";
import type { LocalDatabase } from "../../../src/local/database/local-database.ts";
import { asAdmin, siblingUrl } from "./admin.ts";
import { type TemplateKind, templates } from "./templates.ts";

/** A database of the test's own. */
export interface PostgresProject extends AsyncDisposable {
  /** For clients and the Supabase CLI, as a superuser. */
  url: string;
  /** The same database as another role. */
  urlAs(role: string): string;
  /** Statements as a superuser. */
  database: LocalDatabase;
}

/**
 * A new database as Supabase hands it over, prepared by the code of the embedded stack.
 *
 * @param options.migrated whether all migrations are applied. Default true
 */
export function createProject({ migrated = true } = {}): Promise<PostgresProject> {
  return copyTemplate(migrated ? "migrated" : "empty");
}

/** A copy of the template, which takes a fraction of the time that building it took. */
export async function copyTemplate(kind: TemplateKind): Promise<PostgresProject> {
  const { name: template } = (await templates()).find((known) => known.kind === kind)!;
  const name = `groundwork_test_${crypto.randomUUID().replaceAll("-", "")}`;
  await asAdmin(async (sql) => {
    await sql.unsafe(`create database "${name}" template "${template}"`);
    // Settings and grants of the database itself are not copied with a template.
    await sql.unsafe(`alter database "${name}" set search_path = "$user", public, extensions`);
    if (kind === "hosted") await sql.unsafe(`grant all on database "${name}" to hosted_postgres`);
  });
  const url = siblingUrl(name);
  const database = await openPostgres(url);
  return {
    url,
    urlAs: (role) => siblingUrl(name, role),
    database,
    [Symbol.asyncDispose]: async () => {
      await database.close();
      await asAdmin((sql) => sql.unsafe(`drop database "${name}" with (force)`));
    },
  };
}
