/** The real psql on the embedded stack's wire port, and on a native Postgres. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startLocal } from "#groundwork/local";
import { afterAll, describe, expect, test } from "vitest";
import { readMigrations } from "../../src/local/migrations.ts";
import { createProject } from "./setup/create-project.ts";

const backend = await startLocal({ wirePort: 0 });
const project = await createProject();
afterAll(() => Promise.all([backend.close(), project[Symbol.asyncDispose]()]));

const urls = { "the embedded stack": backend.databaseUrl!, "a native Postgres": project.url };

async function psql(url: string, command: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)("psql", [
    url,
    "--no-psqlrc",
    "--tuples-only",
    "--no-align",
    "-c",
    command,
  ]);
  return stdout.trim().split("\n");
}

describe.for(Object.entries(urls))("psql connects to %s", ([, url]) => {
  test("MK-O1 TD-1.3 and gets its version", async () => {
    expect(await psql(url, "select version()")).toEqual([expect.stringMatching(/^PostgreSQL \d+/)]);
  });

  test("MK-V1 TD-6.4 and lists the tables, in schema public and with owner postgres", async () => {
    const tables = await psql(url, "\\dt public.*");

    for (const table of ["agent_jobs", "budget_entries", "campaigns", "content_assets", "tasks", "users"]) {
      expect(tables).toContain(`public|${table}|table|postgres`);
    }
    expect(await psql(url, "select max(version) from supabase_migrations.schema_migrations")).toEqual([
      (await readMigrations("supabase/migrations")).at(-1)!.version,
    ]);
  });
});
