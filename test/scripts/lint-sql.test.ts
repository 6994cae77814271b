import { readFile } from "node:fs/promises";
import { loadModule } from "libpg-query";
import { beforeAll, describe, expect, test } from "vitest";
import { closureOf, readHeader } from "../../scripts/domains/header.ts";
import { faultsOfMigration } from "../../scripts/lint-sql/migration.ts";
import { readMigrations } from "../../src/local/migrations.ts";

beforeAll(() => loadModule());

const header = "-- Pears: what grows on trees.\n-- Needs: helpers.\n\n";
const table = "create table public.pears (id bigint);\n";
const another = "create table public.trees (id bigint);\n";

describe("a migration", () => {
  test("in the right order has no fault", async () => {
    const tasks = (await readMigrations("supabase/migrations")).find(({ name }) => name === "tasks")!;

    expect(faultsOfMigration(tasks.sql)).toEqual([]);
  });

  test.for([
    ["without a header", table, "does not begin with"],
    ["that drops", `${header}drop table public.pears;`, "drops something"],
    [
      "that replaces a function",
      `${header}create or replace function public.ripen() returns void language sql as '';`,
      "replaces public.ripen",
    ],
    [
      "that takes rights from what another one made",
      `${header}revoke insert on table public.tasks from authenticated;`,
      "revokes rights on public.tasks",
    ],
    [
      "whose index is apart from its table",
      `${header}${table}${another}create index idx_pears_id on public.pears (id);`,
      "index idx_pears_id is not next to its table public.pears",
    ],
    [
      "whose policy is apart from its table",
      `${header}${table}${another}create policy "users can pick" on public.pears for select using (true);`,
      'policy "users can pick" is not next to its table public.pears',
    ],
    [
      "whose comment is apart from its table",
      `${header}${table}${another}comment on column public.pears.id is 'A number.';`,
      "a comment is not next to its table public.pears",
    ],
    ["that is long", header + "\n".repeat(650), "lines, more than 650"],
  ] as const)("(%s) is found", ([, sql, fault]) => {
    expect(faultsOfMigration(sql)).toEqual([expect.stringContaining(fault)]);
  });

  test("may add to a table of another migration, and revoke rights on its own objects", () => {
    const sql = `${header}${table}revoke all on table public.pears from anon;
      create index idx_tasks_pear on public.tasks (pear);
      revoke all on all functions in schema groundwork from public, anon;`;

    expect(faultsOfMigration(sql)).toEqual([]);
  });
});

describe("the header", () => {
  test("names what it makes, what it needs, and the tables to which it adds", () => {
    expect(readHeader("-- Jobs, claim: which jobs are next.\n-- Needs: a, b.\n-- Adds to: c.\n")).toEqual({
      title: "Jobs, claim",
      summary: "which jobs are next.",
      needs: ["a", "b"],
      addsTo: ["c"],
    });
    expect(readHeader("-- Helpers: all.\n-- Needs: nothing.\n")).toMatchObject({ needs: [], addsTo: [] });
    expect(readHeader("create table a ();")).toBeUndefined();
  });

  test("leads to all needed migrations, each once and in order, and names a missing one", async () => {
    const migration = (name: string, needs: string) => ({
      version: name,
      name,
      file: `${name}.sql`,
      sql: `-- T: s.\n-- Needs: ${needs}.\n`,
    });
    const all = [migration("a", "nothing"), migration("b", "a"), migration("c", "a"), migration("d", "b, c")];

    expect(closureOf(all, "d").map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
    expect(closureOf(all, "c").map(({ name }) => name)).toEqual(["a", "c"]);
    expect(() => closureOf([migration("e", "f")], "e")).toThrow("There is no migration f, which e needs.");
    expect(() => closureOf(all, "z")).toThrow("There is no migration z.");
  });

  test("of the to-do list needs only accounts and helpers", async () => {
    const migrations = await readMigrations("supabase/migrations");

    expect(closureOf(migrations, "tasks").map(({ name }) => name)).toEqual(["helpers", "identity", "tasks"]);
    expect(await readFile("supabase/migrations/20261121040000_tasks.sql", "utf8")).not.toMatch(/extensions\./);
  });
});
