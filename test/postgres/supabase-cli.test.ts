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
  test("pushes to an empty database what npm start would make of it, and the seed", async () => {
    await using other = await createProject({ migrated: false });

    await supabase(files.root, other.url, "db", "push", "--yes", "--include-seed");

    expect(await dumpSchema(other.url)).toEqual(await dumpSchema(project.url));
    const { files: onDisk, database } = await listMigrations(files.root, other.url);
    expect(database).toEqual(onDisk);
    expect(database.length).toBeGreaterThan(2);
    expect((await dumpRows(other.database))["public.users"]).toHaveLength(2);
  });

  test("resets to the same schema and the seed, whatever was there", async () => {
    await using other = await createProject();
    await other.database.run("create table public.mine (id integer); drop table public.tasks;");

    await supabase(files.root, other.url, "db", "reset", "--yes");

    expect(await dumpSchema(other.url)).toEqual(await dumpSchema(project.url));
    expect((await dumpRows(other.database))["public.users"]).toHaveLength(2);
  });

  // Findings are printed to standard output.
  test("has no advice above the level of information", async () => {
    expect(await supabase(files.root, project.url, "db", "advisors", "--fail-on", "warn")).toBe("");
  });

  test("gives advice where it is due", async () => {
    await using other = await createProject();
    await other.database.run("create table public.mine (id integer); grant select on public.mine to anon;");

    await expect(supabase(files.root, other.url, "db", "advisors", "--fail-on", "warn")).rejects.toThrow(
      /rls_disabled_in_public/,
    );
  });

  test("finds nothing in the functions", async () => {
    expect(await supabase(files.root, project.url, "db", "lint", "--fail-on", "warning")).toBe("");
  });

  test("finds what is wrong in a function", async () => {
    await using other = await createProject();
    await other.database.run(`
      create function groundwork.wrong() returns integer language plpgsql as 'begin return nothing from nowhere; end';
    `);

    await expect(supabase(files.root, other.url, "db", "lint", "--fail-on", "warning")).rejects.toThrow(
      /groundwork\.wrong/,
    );
  });

  test("generates the types that are committed", async () => {
    const committed = "src/database.types.ts";

    const types = await supabase(files.root, project.url, "gen", "types", "--schema=public");

    const formatted = await format(types, { ...(await resolveConfig(committed)), parser: "typescript" });
    expect(formatted).toBe(await readFile(committed, "utf8"));
  });
});
