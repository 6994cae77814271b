import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { loadModule, parseSync } from "libpg-query";
import type { LocalDatabase } from "./database/local-database.ts";
import { isDatabaseError } from "./database/postgrest-error.ts";
import { StartError } from "./start-error.ts";

export interface Migration {
  /** The 14 digits that the file name starts with. */
  version: string;
  /** The rest of the file name, without `.sql`. */
  name: string;
  file: string;
  sql: string;
}

/** Reads the migrations of a folder `supabase/migrations`, in the order in which they are applied. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".sql")).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const match = /^(\d{14})_(.+)\.sql$/.exec(file);
      if (!match) {
        throw new StartError(
          `supabase/migrations/${file} does not have the name of a migration.`,
          "Name it <14 digits>_<domain>.sql, for example 20260101000000_tasks.sql.",
        );
      }
      const [, version, name] = match as unknown as [string, string, string];
      return { version, name, file, sql: await readFile(path.join(folder, file), "utf8") };
    }),
  );
}

/**
 * Applies the pending migrations. Each has its own transaction, together with its record in
 * `supabase_migrations.schema_migrations`. The record is the same as the Supabase CLI's.
 *
 * @returns the migrations that were applied
 */
export async function applyMigrations(
  database: LocalDatabase,
  migrations: Migration[],
  onApply: (migration: Migration) => void = () => {},
): Promise<Migration[]> {
  const rows = await database.query<{ version: string }>("select version from supabase_migrations.schema_migrations");
  const applied = new Set(rows.map((row) => row.version));
  const pending = migrations.filter((migration) => !applied.has(migration.version));
  for (const migration of pending) {
    onApply(migration);
    await apply(database, migration);
  }
  return pending;
}

/** Returns the applied migrations whose files have changed since. The changes are not in the database. */
export async function changedMigrations(database: LocalDatabase, migrations: Migration[]): Promise<Migration[]> {
  const rows = await database.query<{ version: string; statements: string[] | null }>(
    "select version, statements from supabase_migrations.schema_migrations",
  );
  const recorded = new Map(rows.map(({ version, statements }) => [version, statements]));
  return migrations.filter(({ version, sql }) => {
    const statements = recorded.get(version);
    return statements && !consistsOf(sql, statements);
  });
}

/** Returns the names of applied migrations whose files no longer exist. Their effects are still in the database. */
export async function removedMigrations(database: LocalDatabase, migrations: Migration[]): Promise<string[]> {
  const files = new Set(migrations.map(({ version }) => version));
  const rows = await database.query<{ version: string; name: string | null }>(
    "select version, name from supabase_migrations.schema_migrations order by version",
  );
  return rows.filter(({ version }) => !files.has(version)).map(({ version, name }) => `${version}_${name}.sql`);
}

/**
 * Returns true if a script has these statements, in this order, and no others. Parsing the script would delay every
 * start.
 */
function consistsOf(sql: string, statements: string[]): boolean {
  let end = 0;
  for (const statement of statements) {
    const start = sql.indexOf(statement, end);
    if (start === -1 || /[^\s;]/.test(sql.slice(end, start))) return false;
    end = start + statement.length;
  }
  // A comment after the last statement belongs to no statement.
  return /^(?:[\s;]|--.*|\/\*[^]*?\*\/)*$/.test(sql.slice(end));
}

async function apply(database: LocalDatabase, { version, name, file, sql }: Migration): Promise<void> {
  await inFile(database, `supabase/migrations/${file}`, sql, async () => {
    const statements = await splitStatements(sql);
    await database.transaction(async (transaction) => {
      await transaction.run(sql);
      await transaction.query(
        `insert into supabase_migrations.schema_migrations (version, name, statements)
         select $1, $2, array(select jsonb_array_elements_text($3::text::jsonb))`,
        [version, name, JSON.stringify(statements)],
      );
    });
  });
}

/** Runs the seed in one transaction. The seed itself must be safe to run twice. */
export async function applySeed(database: LocalDatabase, file: string): Promise<void> {
  const sql = await readFile(file, "utf8");
  await inFile(database, "supabase/seed.sql", sql, () => database.transaction((transaction) => transaction.run(sql)));
}

/** Splits a script into statements as the Supabase CLI does: trimmed, without the semicolon, with comments. */
export async function splitStatements(sql: string): Promise<string[]> {
  await loadModule();
  const bytes = Buffer.from(sql);
  const { stmts = [] } = parseSync(sql) as { stmts?: { stmt_location?: number; stmt_len?: number }[] };
  return stmts.map(({ stmt_location: start = 0, stmt_len: length }) =>
    bytes
      .subarray(start, length === undefined ? undefined : start + length)
      .toString()
      .trim(),
  );
}

/** Runs `work`, and adds the file and line to an error of the database. */
async function inFile<T>(database: LocalDatabase, file: string, sql: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const line = positionOf(error) === undefined ? await lineOfFault(database, sql) : undefined;
    const message = describeFault(error, file, sql, line);
    throw new StartError(message, "Correct the file and start again. Nothing of it was applied.", { cause: error });
  }
}

/**
 * Finds the line of the statement that fails. Errors at run time have no position, so the statements are run again, one
 * by one.
 */
async function lineOfFault(database: LocalDatabase, sql: string): Promise<number | undefined> {
  let start = 0;
  let isFound = false;
  const runAll = async ({ run }: Pick<LocalDatabase, "run">) => {
    for (const statement of await splitStatements(sql)) {
      start = sql.indexOf(statement, start);
      await run(statement).catch((error: unknown) => {
        isFound = true;
        start += /^(?:\s|--.*|\/\*[^]*?\*\/)*/.exec(statement)![0].length;
        throw error;
      });
      start += statement.length;
    }
    throw new Error("This error rolls the transaction back.");
  };
  await database.transaction(runAll).catch(() => {});
  return isFound ? sql.slice(0, start).split("\n").length : undefined;
}

/**
 * Describes an error: `file:line`, the message, the SQLSTATE, the details and the hint.
 *
 * @param sql the statements that were run
 * @param firstLine the line at which `sql` begins in the file; absent if `sql` is the whole file
 */
export function describeFault(error: Error, file: string, sql: string, firstLine?: number): string {
  const position = positionOf(error);
  const line = position === undefined ? firstLine : (firstLine ?? 1) + sql.slice(0, position).split("\n").length - 1;
  const place = line === undefined ? file : `${file}:${line}`;
  const { code, detail, hint } = isDatabaseError(error)
    ? error
    : { code: "syntax", detail: undefined, hint: undefined };
  return [`${place}: ${error.message} (${code})`, detail, hint].filter(Boolean).join("\n  ");
}

/**
 * Returns the number of characters before the error. Postgres counts from 1, the parser of `splitStatements` from 0.
 */
function positionOf(error: Error): number | undefined {
  if ("sqlDetails" in error) return (error.sqlDetails as { cursorPosition?: number }).cursorPosition;
  if ("position" in error && error.position) return Number(error.position) - 1;
  return undefined;
}
