/** Runs the pgTAP tests of supabase/tests on PGlite. test/postgres/pgtap.test.ts runs them with pg_prove. */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { startLocal } from "#groundwork/local";
import { afterAll, describe, expect, test } from "vitest";
import { splitStatements } from "../../src/local/migrations.ts";

const files = globSync("supabase/tests/**/*.sql").toSorted();
const { database, close } = await startLocal();
afterAll(close);

/** Returns the lines that psql would print. The only psql command in the tests is `\ir`, which includes a file. */
async function runScript(script: string, folder = "supabase/tests"): Promise<string[]> {
  const sql = script.replace(/^\\ir (.+)$/gm, (_, file: string) => readFileSync(path.join(folder, file), "utf8"));
  const statements = await splitStatements(sql);
  expect([statements.at(0), statements.at(-1)]).toEqual(["begin", "rollback"]);
  const lines: string[] = [];
  const rolledBack = new Error("rolled back");
  await database
    .transaction(async ({ query }) => {
      for (const statement of statements.slice(1, -1)) {
        const rows = await query<object>(statement).catch((error: Error) => {
          throw new Error(`${error.message}\n${statement}`, { cause: error });
        });
        lines.push(...rows.flatMap((row) => String(Object.values(row)[0]).split("\n")));
      }
      throw rolledBack;
    })
    .catch((error: unknown) => {
      if (error !== rolledBack) throw error;
    });
  return lines;
}

/** Returns the faults that pg_prove would report. */
function faultsOf(lines: string[]): string[] {
  const planned = lines.filter((line) => /^1\.\.\d+$/.test(line));
  const passed = lines.filter((line) => /^ok \d+/.test(line));
  const said = lines.filter((line) => /^(not ok|#)/.test(line));
  const isComplete = planned.length === 1 && planned[0] === `1..${passed.length}` && passed.length > 0;
  return isComplete ? said : [`plan ${planned.join() || "missing"}, ${passed.length} passed`, ...said];
}

describe("pgTAP on PGlite", () => {
  test.for(files)("%s", async (file) => {
    expect(faultsOf(await runScript(readFileSync(file, "utf8"), path.dirname(file)))).toEqual([]);
  });

  test("every table of the API is tested in one of the files", async () => {
    const tables = await database.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'public'",
    );
    const tested = files.map((file) => readFileSync(file, "utf8")).join("\n");

    expect(tables.length).toBeGreaterThan(7);
    expect(tables.filter(({ name }) => !new RegExp(`public\\.${name}\\b`).test(tested))).toEqual([]);
  });

  test.for([
    ["no test", "select plan(0); select * from finish();"],
    ["no plan", "select 'nothing';"],
    ["fewer tests than planned", "select plan(2); select ok(true); select * from finish();"],
    ["more tests than planned", "select plan(1); select ok(true); select ok(true); select * from finish();"],
    ["a test that fails", "select plan(1); select ok(false); select * from finish();"],
  ] as const)("a file with %s would fail", async ([, script]) => {
    const file = `begin;\n\\ir helpers.psql\n${script}\nrollback;`;

    const faults = await runScript(file).then(faultsOf, (error: Error) => [error.message]);

    expect(faults).not.toEqual([]);
  });

  test("no test leaves anything in the database", async () => {
    const rows = await database.query(`
      select nspname from pg_namespace where nspname = 'tests'
      union all
      select extname from pg_extension where extname = 'pgtap'
      union all
      select email from auth.users
    `);

    expect(rows).toEqual([]);
  });
});
