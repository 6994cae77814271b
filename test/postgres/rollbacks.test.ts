/** Every migration is undone and applied again on native Postgres, with the seed's rows in all tables. */
import { afterAll, describe, expect, test } from "vitest";
import { makePlan } from "../../scripts/rollback/make-plan.ts";
import { undo } from "../../scripts/rollback/undo.ts";
import { applyMigrations, applySeed, readMigrations } from "../../src/local/migrations.ts";
import { createProject } from "./setup/create-project.ts";
import { dumpRows, dumpSchema } from "./setup/dump.ts";

const migrations = await readMigrations("supabase/migrations");

/**
 * Columns of other domains that a rollback resets or drops, because they have no meaning without the dropped objects.
 */
const goesAlong: Record<string, string[]> = {
  ledger: ["spend", "budget_remaining", "budget_used_percentage", "updated_at"].map(
    (name) => `public.campaigns.${name}`,
  ),
  jobs_tables: [
    "public.content_assets.agent_job_id",
    ...["agent_job_id", "provider_request_id"].map((name) => `public.budget_entries.${name}`),
    "groundwork.settings.max_queued_jobs",
    "public.user_spend_limits.max_queued_jobs",
  ],
  organizing: ["public.thoughts.placed_by"],
  persona_writing: ["public.personas.agent_job_id"],
};

/**
 * Tables to which several migrations add rows, and from which each rollback removes its own. They are compared
 * separately.
 */
const lists = ["groundwork.error_codes", "groundwork.agent_types"];

const project = await createProject({ migrated: false });
// The first rollback leaves the extensions on purpose, because other tables may use them. So they exist from the
// beginning.
await project.database.run(`
  create extension vector with schema extensions;
  create extension btree_gin with schema extensions;
`);
afterAll(() => project[Symbol.asyncDispose]());
/** The schema and the rows of the lists, before the first migration and after each one. */
const schemas = [await dumpSchema(project.url)];
const listed = [await readLists()];
for (const [index] of migrations.entries()) {
  await applyMigrations(project.database, migrations.slice(0, index + 1));
  schemas.push(await dumpSchema(project.url));
  listed.push(await readLists());
}
await applySeed(project.database, "supabase/seed.sql");

/** @param used agent types of existing jobs, which stay when their migration is undone */
async function readLists(used: string[] = []): Promise<unknown[]> {
  const lines: unknown[] = [];
  for (const list of lists) {
    const [table] = await project.database.query("select where to_regclass($1) is not null", [list]);
    if (!table) continue;
    const rows = await project.database.query<{ name?: string }>(`select * from ${list} order by 1`);
    lines.push(...rows.filter(({ name }) => !used.includes(name!)));
  }
  return lines;
}

async function usedAgentTypes(): Promise<string[]> {
  const [table] = await project.database.query("select where to_regclass('public.agent_jobs') is not null");
  if (!table) return [];
  const rows = await project.database.query<{ name: string }>(
    "select distinct agent_type as name from public.agent_jobs",
  );
  return rows.map(({ name }) => name);
}

async function undoLast(): Promise<void> {
  await project.database.transaction(async (transaction) => {
    await undo(transaction, await makePlan(transaction, process.cwd(), { last: 1 }));
  });
}

/** Returns the rows of the tables in both states, without the columns that may change, and without the lists. */
function comparable(rows: Record<string, string[]>, tables: string[], ignored: string[]): Record<string, unknown[]> {
  const kept = tables.filter((table) => !lists.includes(table) && rows[table]);
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
    test(`${file} restores the schema before it, keeps all other rows, and can be applied again with the same result`, async () => {
      const ignored = goesAlong[name] ?? [];
      const atFirst = await dumpRows(project.database);

      await undoLast();

      expect(await dumpSchema(project.url)).toEqual(schemas[index]);
      const used = await usedAgentTypes();
      const without = (rows: unknown[]) => rows.filter((row) => !used.includes((row as { name: string }).name));
      expect(await readLists(used)).toEqual(without(listed[index]!));
      const down = await dumpRows(project.database);
      const left = Object.keys(down);
      expect(comparable(down, left, ignored)).toEqual(comparable(atFirst, left, ignored));
      expect(down["auth.users"]!.length).toBeGreaterThan(1);

      await applyMigrations(project.database, migrations.slice(0, index + 1));

      expect(await dumpSchema(project.url)).toEqual(schemas[index + 1]);
      expect(await readLists(used)).toEqual(without(listed[index + 1]!));
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
