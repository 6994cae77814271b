/** Runs the pgTAP tests of supabase/tests with pg_prove, in the same way as `supabase test db`. */
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createProject } from "./setup/create-project.ts";

/** @returns the output; rejects if a test failed */
async function prove(url: string, ...paths: string[]): Promise<string> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const connection = ["--host", hostname, "--port", port || "5432", "--username", decodeURIComponent(username)];
  const { stdout } = await promisify(execFile)(
    "pg_prove",
    ["--ext", ".pg", "--ext", ".sql", "-r", ...connection, "--dbname", pathname.slice(1), ...paths],
    { env: { ...process.env, PGPASSWORD: decodeURIComponent(password) } },
  );
  return stdout;
}

test("pg_prove passes every file of supabase/tests", async () => {
  await using project = await createProject();

  const output = await prove(project.url, "supabase/tests");

  const files = globSync("supabase/tests/**/*.sql");
  for (const file of files) expect(output).toMatch(new RegExp(`^${file} \\.+ ok$`, "m"));
  expect(output).toContain(`Files=${files.length}, `);
  expect(output).toContain("Result: PASS");
});

test("pg_prove fails if row-level security is off", async () => {
  await using project = await createProject();
  await project.database.run("alter table public.tasks disable row level security");

  await expect(prove(project.url, "supabase/tests/03_tasks.test.sql")).rejects.toMatchObject({
    stdout: expect.stringContaining("Result: FAIL"),
  });
});
