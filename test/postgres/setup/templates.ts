import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { App } from "@supabase/lite";
import type postgres from "postgres";
import { openPostgres } from "../../../src/local/database/open-postgres.ts";
import { applyMigrations, readMigrations } from "../../../src/local/migrations.ts";
import { asAdmin, siblingUrl } from "./admin.ts";
import { makeHostedLike, prepareHostedRoles } from "./hosted-like.ts";

/**
 * `empty`: a new Supabase project. `migrated`: with all migrations. `hosted`: empty, and no role of the project is a
 * superuser.
 */
export type TemplateKind = "empty" | "migrated" | "hosted";

interface Template {
  kind: TemplateKind;
  name: string;
}

/** Returns the templates for the present migrations. */
export async function templates(): Promise<Template[]> {
  const migrations = await readMigrations("supabase/migrations");
  const sources = ["src/local/database/platform.sql", "test/postgres/setup/hosted-like.ts", "package-lock.json"];
  const contents = await Promise.all(sources.map((file) => readFile(file, "utf8")));
  const name = (kind: TemplateKind, parts: string[]) => {
    const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
    return { kind, name: `groundwork_template_${kind}_${hash.slice(0, 12)}` };
  };
  return [
    name("empty", contents),
    name("hosted", contents),
    name("migrated", [...contents, ...migrations.flatMap(({ file, sql }) => [file, sql])]),
  ];
}

/** Builds the template if it does not exist. It allows no connections, so that it can be copied at any time. */
export async function buildTemplate(sql: postgres.Sql, { kind, name }: Template): Promise<void> {
  const [known] = await sql`select from pg_database where datname = ${name}`;
  if (known) return;
  const unfinished = `${name}_unfinished`;
  await sql`drop database if exists ${sql(unfinished)} with (force)`;
  await sql`create database ${sql(unfinished)} template template0`;
  await fillTemplate(kind, siblingUrl(unfinished));
  await sql.unsafe(`alter database "${unfinished}" rename to "${name}"`);
  await sql.unsafe(`alter database "${name}" allow_connections false`);
}

async function fillTemplate(kind: TemplateKind, url: string): Promise<void> {
  const database = await openPostgres(url);
  try {
    await new App({ connection: database.connection }).ensureSystemSchema();
    await database.run(await readFile("src/local/database/platform.sql", "utf8"));
    if (kind === "migrated") await applyMigrations(database, await readMigrations("supabase/migrations"));
  } finally {
    await database.close();
  }
  if (kind !== "hosted") return;
  await asAdmin(async (sql) => {
    await prepareHostedRoles(sql);
    await makeHostedLike(sql);
  }, url);
}
