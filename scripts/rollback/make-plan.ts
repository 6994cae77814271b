import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import type { Statements } from "#groundwork/local";
import { describeFault } from "../../src/local/migrations.ts";
import type { Goal } from "./read-options.ts";
import { type RollbackStatement, readRollback } from "./read-rollback.ts";
import { RollbackError } from "./rollback-error.ts";

/** An applied migration, and the file that undoes it. */
export interface Undo {
  version: string;
  /** The path of the rollback file, from the root of the project. */
  file: string;
  statements: RollbackStatement[];
}

export interface Plan {
  /** The latest migration first, which is the order of undoing. */
  undos: Undo[];
  /** What is lost: a table with its rows, or a column with its values. */
  losses: { name: string; count: number; of: "rows" | "values" }[];
  /** Tables that stay, and some of whose rows change. */
  changes: string[];
  /** The latest migration afterwards; undefined if none is left. */
  remaining: string | undefined;
}

/**
 * Finds out what is to be undone, and what is lost. Changes nothing.
 *
 * @param root folder that contains `supabase/`
 * @throws RollbackError
 */
export async function makePlan(database: Statements, root: string, goal: Goal): Promise<Plan> {
  const applied = await readHistory(database);
  const undone = select(applied, goal);
  const undos: Undo[] = [];
  for (const version of undone) undos.push(await readUndo(root, version));
  const statements = undos.flatMap((undo) => undo.statements);
  const tables = statements.flatMap((statement) => statement.tables);
  const columns = statements.flatMap((statement) => statement.columns).filter(({ table }) => !tables.includes(table));
  const losses: Plan["losses"] = [];
  for (const name of tables) losses.push({ name, count: await count(database, name), of: "rows" });
  for (const { table, column } of columns) {
    losses.push({ name: `${table}.${column}`, count: await count(database, table, column), of: "values" });
  }
  const changes = new Set(statements.flatMap((statement) => statement.changes ?? []));
  return {
    undos,
    losses,
    changes: [...changes].filter((table) => !tables.includes(table)),
    remaining: applied[undone.length],
  };
}

/** Returns the versions in the history, the latest first. */
async function readHistory(database: Statements): Promise<string[]> {
  const [history] = await database.query<{ exists: boolean }>(
    "select to_regclass('supabase_migrations.schema_migrations') is not null as exists",
  );
  const rows = history!.exists
    ? await database.query<{ version: string }>(
        "select version from supabase_migrations.schema_migrations order by version desc",
      )
    : [];
  if (rows.length === 0) {
    throw new RollbackError(
      "nothing_to_undo",
      "There is nothing to undo: no migration is recorded in this database.",
      "Check that it is the right one: npx supabase migration list --remote=<url>",
    );
  }
  return rows.map(({ version }) => version);
}

function select(applied: string[], goal: Goal): string[] {
  if ("last" in goal) {
    if (goal.last <= applied.length) return applied.slice(0, goal.last);
    throw new RollbackError(
      "nothing_to_undo",
      `--last ${goal.last}: only ${applied.length} migrations are applied.`,
      `--last ${applied.length} or --to 0 undoes them all.`,
    );
  }
  if (goal.to !== "0" && !applied.includes(goal.to)) {
    throw new RollbackError(
      "no_such_version",
      `--to ${goal.to}: no such migration is applied.`,
      `Applied are ${applied.toReversed().join(", ")}.`,
    );
  }
  const undone = applied.filter((version) => version > goal.to);
  if (undone.length > 0) return undone;
  throw new RollbackError(
    "nothing_to_undo",
    `--to ${goal.to}: there is nothing to undo, because it is the latest migration.`,
    "Name the migration that should be the latest one afterwards.",
  );
}

async function readUndo(root: string, version: string): Promise<Undo> {
  const folder = path.join("supabase", "rollbacks");
  const files = existsSync(path.join(root, folder)) ? await readdir(path.join(root, folder)) : [];
  const name = files.find((file) => file.startsWith(`${version}_`) && file.endsWith(".sql"));
  if (!name) {
    throw new RollbackError(
      "no_rollback_file",
      `Migration ${version} is applied, but there is no ${path.join(folder, `${version}_<name>.sql`)}.`,
      "Check out the release that has this file, or write it. Nothing was changed.",
    );
  }
  const file = path.join(folder, name);
  const source = await readFile(path.join(root, file), "utf8");
  try {
    return { version, file, statements: await readRollback(source) };
  } catch (error) {
    throw new RollbackError(
      "rollback_failed",
      describeFault(error as Error, file, source),
      "Correct the file. Nothing was changed.",
      { cause: error },
    );
  }
}

/**
 * Counts rows, or values that are not null. For a missing table it returns 0: the drop fails by itself, or has `if
 * exists`.
 */
async function count(database: Statements, table: string, column?: string): Promise<number> {
  const [found] = await database.query<{ table: string | null }>("select to_regclass($1)::text as table", [table]);
  if (!found?.table) return 0;
  const counted = column === undefined ? "*" : `"${column.replaceAll('"', '""')}"`;
  const [row] = await database.query<{ count: number }>(`select count(${counted}) from ${found.table}`);
  return Number(row!.count);
}
