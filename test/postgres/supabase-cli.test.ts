/** The Supabase CLI's own checks, on native Postgres. */
import { readFile } from "node:fs/promises";
import { format, resolveConfig } from "prettier";
import { afterAll, describe, expect, test } from "vitest";
import { copyProject } from "../setup/project.ts";
import { createProject } from "./setup/create-project.ts";
import { dumpRows, dumpSchema } from "./setup/dump.ts";
import { listMigrations, supabase } from "./setup/supabase-cli.ts";

const files = await copyProject();
afterAll(() => files[Symbol.asyncDispose]());
const project = await createProject();
afterAll(() => project[Symbol.asyncDispose]());

describe("the Supabase CLI", () => {
  test("pushes the same state to an empty database as npm start, with the seed", async () => {
    await using other = await createProject({ migrated: false });

    await supabase(files.root, other.url, "db", "push", "--yes", "--include-seed");

    expect(await dumpSchema(other.url)).toEqual(await dumpSchema(project.url));
    const { files: onDisk, database } = await listMigrations(files.root, other.url);
    expect(database).toEqual(onDisk);
    expect(database.length).toBeGreaterThan(2);
    expect((await dumpRows(other.database))["public.users"]).toHaveLength(2);
  });

  test("resets any database to the same schema and the seed", async () => {
    await using other = await createProject();
    await other.database.run("create table public.mine (id integer); drop table public.tasks;");

    await supabase(files.root, other.url, "db", "reset", "--yes");

    expect(await dumpSchema(other.url)).toEqual(await dumpSchema(project.url));
    expect((await dumpRows(other.database))["public.users"]).toHaveLength(2);
  });

  // The CLI prints findings to standard output.
  test("gives no advice above the level of information", async () => {
    expect(await supabase(files.root, project.url, "db", "advisors", "--fail-on", "warn")).toBe("");
  });

  test("gives advice about a real problem", async () => {
    await using other = await createProject();
    await other.database.run("create table public.mine (id integer); grant select on public.mine to anon;");

    await expect(supabase(files.root, other.url, "db", "advisors", "--fail-on", "warn")).rejects.toThrow(
      /rls_disabled_in_public/,
    );
  });

  test("finds nothing in the functions", async () => {
    expect(await supabase(files.root, project.url, "db", "lint", "--fail-on", "warning")).toBe("");
  });

  test("finds an error in a function", async () => {
    await using other = await createProject();
    await other.database.run(`
      create function groundwork.wrong() returns integer language plpgsql as 'begin return nothing from nowhere; end';
    `);

    await expect(supabase(files.root, other.url, "db", "lint", "--fail-on", "warning")).rejects.toThrow(
      /groundwork\.wrong/,
    );
  });

  test("generates the committed types", async () => {
    const committed = "src/database.types.ts";

    const types = await supabase(files.root, project.url, "gen", "types", "--schema=public");

    const formatted = await format(types, { ...(await resolveConfig(committed)), parser: "typescript" });
    expect(formatted).toBe(await readFile(committed, "utf8"));
  });
});
