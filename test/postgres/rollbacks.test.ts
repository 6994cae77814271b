/** Every migration goes down and up again, on native Postgres, with the seed's rows in all tables. */
import { afterAll, describe, expect, test } from "vitest";
import { makePlan } from "../../scripts/rollback/make-plan.ts";
import { undo } from "../../scripts/rollback/undo.ts";
import { applyMigrations, applySeed, readMigrations } from "../../src/local/migrations.ts";
import { createProject } from "./setup/create-project.ts";
import { dumpRows, dumpSchema } from "./setup/dump.ts";

const migrations = await readMigrations("supabase/migrations");

/** Columns of other domains that a rollback resets or drops, because they mean nothing without what goes. */
const goesAlong: Record<string, string[]> = {
  agent_jobs: ["public.content_assets.agent_job_id"],
  budget: [
    ...["spend", "budget_remaining", "budget_used_percentage", "updated_at"].map((name) => `public.campaigns.${name}`),
    ...["cost", "tokens_used", "updated_at"].map((name) => `public.agent_jobs.${name}`),
  ],
  spend_guard: ["usage_kind", "quantity", "price_id", "provider_request_id"].map(
    (name) => `public.budget_entries.${name}`,
  ),
  job_queue: ["priority", "run_after", "max_cost", "max_retries", "idempotency_key", "waiting_for", "error_code"].map(
    (name) => `public.agent_jobs.${name}`,
  ),
  organizing: ["public.thoughts.placed_by"],
  persona_writing: ["public.personas.agent_job_id"],
};

const project = await createProject({ migrated: false });
// The first rollback leaves them on purpose, because other tables may use them: so they are there from the beginning.
await project.database.run(`
  create extension vector with schema extensions;
  create extension btree_gin with schema extensions;
`);
afterAll(() => project[Symbol.asyncDispose]());
/** The schema, and the codes of our errors, before the first migration and after each. */
const schemas = [await dumpSchema(project.url)];
const errorCodes = [await readErrorCodes()];
for (const [index] of migrations.entries()) {
  await applyMigrations(project.database, migrations.slice(0, index + 1));
  schemas.push(await dumpSchema(project.url));
  errorCodes.push(await readErrorCodes());
}
await applySeed(project.database, "supabase/seed.sql");

async function readErrorCodes(): Promise<unknown[]> {
  const [table] = await project.database.query("select where to_regclass('groundwork.error_codes') is not null");
  return table ? project.database.query("select * from groundwork.error_codes order by code") : [];
}

async function undoLast(): Promise<void> {
  await project.database.transaction(async (transaction) => {
    await undo(transaction, await makePlan(transaction, process.cwd(), { last: 1 }));
  });
}

/** The rows of the tables in both, without the columns that may change, and without our error codes. */
function comparable(rows: Record<string, string[]>, tables: string[], ignored: string[]): Record<string, unknown[]> {
  const kept = tables.filter((table) => table !== "groundwork.error_codes" && rows[table]);
  return Object.fromEntries(
    kept.map((table) => [
      table,
      rows[table]!.map((row) => {
        const columns = Object.entries(JSON.parse(row) as object);
        return columns.filter(([column]) => !ignored.includes(`${table}.${column}`));
      }),
    ]),
  );
}

describe("the rollback of", () => {
  for (const [index, { file, name }] of [...migrations.entries()].toReversed()) {
    test(`${file} restores the schema of before, keeps all other rows, and lets it go up again as the first time`, async () => {
      const ignored = goesAlong[name] ?? [];
      const atFirst = await dumpRows(project.database);

      await undoLast();

      expect(await dumpSchema(project.url)).toEqual(schemas[index]);
      expect(await readErrorCodes()).toEqual(errorCodes[index]);
      const down = await dumpRows(project.database);
      const left = Object.keys(down);
      expect(comparable(down, left, ignored)).toEqual(comparable(atFirst, left, ignored));
      expect(down["auth.users"]!.length).toBeGreaterThan(1);

      await applyMigrations(project.database, migrations.slice(0, index + 1));

      expect(await dumpSchema(project.url)).toEqual(schemas[index + 1]);
      expect(await readErrorCodes()).toEqual(errorCodes[index + 1]);
      const up = await dumpRows(project.database);
      expect(Object.keys(up)).toEqual(Object.keys(atFirst));
      expect(comparable(up, left, ignored)).toEqual(comparable(down, left, ignored));

      await undoLast();
    });
  }

  test("nothing is left when all are undone", async () => {
    const objects = await project.database.query(`
      select relname from pg_class where relnamespace = 'public'::regnamespace
      union all
      select proname from pg_proc where pronamespace = 'public'::regnamespace
      union all
      select nspname from pg_namespace where nspname = 'groundwork'
    `);

    expect(objects).toEqual([]);
  });
});
