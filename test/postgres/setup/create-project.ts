import { openPostgres } from "../../../src/local/database/open-postgres.ts";
import type { LocalDatabase } from "../../../src/local/database/local-database.ts";
import { asAdmin, siblingUrl } from "./admin.ts";
import { type TemplateKind, templates } from "./templates.ts";

/** A database for one test. */
export interface PostgresProject extends AsyncDisposable {
  /** The URL for clients and the Supabase CLI, as a superuser. */
  url: string;
  /** Returns the URL of the same database for another role. */
  urlAs(role: string): string;
  /** Runs statements as a superuser. */
  database: LocalDatabase;
}

/**
 * Creates a database in the state of a new Supabase project, prepared by the code of the embedded stack.
 *
 * @param options.migrated true if all migrations are to be applied; default true
 */
export function createProject({ migrated = true } = {}): Promise<PostgresProject> {
  return copyTemplate(migrated ? "migrated" : "empty");
}

/** Copies a template, which takes a fraction of the time of building it. */
export async function copyTemplate(kind: TemplateKind): Promise<PostgresProject> {
  const { name: template } = (await templates()).find((known) => known.kind === kind)!;
  const name = `groundwork_test_${crypto.randomUUID().replaceAll("-", "")}`;
  await asAdmin(async (sql) => {
    await sql.unsafe(`create database "${name}" template "${template}"`);
    // A copy of a template does not have the settings and grants of the database itself.
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
