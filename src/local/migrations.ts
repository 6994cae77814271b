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

/** The migrations of a `supabase/migrations` folder, in the order in which they apply. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".sql")).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const match = /^(\d{14})_(.+)\.sql$/.exec(file);
      if (!match) {
        throw new StartError(
          `supabase/migrations/${file} is not named as a migration.`,
          "Name it <14 digits>_<domain>.sql, for example 20260101000000_tasks.sql.",
        );
      }
      const [, version, name] = match as unknown as [string, string, string];
      return { version, name, file, sql: await readFile(path.join(folder, file), "utf8") };
    }),
  );
}

/**
 * Applies what is pending, each migration in a transaction of its own together with its record in
 * `supabase_migrations.schema_migrations`, which is what the Supabase CLI would write.
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

/** Applied migrations whose file says something else by now: nothing of the change is in the database. */
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

/** Names of applied migrations that have no file any more: what they did is still there. */
export async function removedMigrations(database: LocalDatabase, migrations: Migration[]): Promise<string[]> {
  const files = new Set(migrations.map(({ version }) => version));
  const rows = await database.query<{ version: string; name: string | null }>(
    "select version, name from supabase_migrations.schema_migrations order by version",
  );
  return rows.filter(({ version }) => !files.has(version)).map(({ version, name }) => `${version}_${name}.sql`);
}

/** Whether a script has these statements, in this order, and no others. Not by parsing it, which would delay every start. */
function consistsOf(sql: string, statements: string[]): boolean {
  let end = 0;
  for (const statement of statements) {
    const start = sql.indexOf(statement, end);
    if (start === -1 || /[^\s;]/.test(sql.slice(end, start))) return false;
    end = start + statement.length;
  }
  // A comment after the last statement belongs to none.
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

/** The statements of a script as the Supabase CLI splits them: trimmed, without the semicolon, comments kept. */
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

/** Names file and line of what the database refused. */
async function inFile<T>(database: LocalDatabase, file: string, sql: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const line = positionOf(error) === undefined ? await lineOfFault(database, sql) : undefined;
    const message = describeFault(error, file, sql, line);
    throw new StartError(message, "Correct the file and start again; nothing of it was applied.", { cause: error });
  }
}

/** Where the statement begins that fails. What goes wrong while it runs has no position, so they all run again, by one. */
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
    throw new Error("Nothing of this is to stay.");
  };
  await database.transaction(runAll).catch(() => {});
  return isFound ? sql.slice(0, start).split("\n").length : undefined;
}

/**
 * `file:line`, what was refused, its SQLSTATE, details and hint.
 *
 * @param sql what was run
 * @param firstLine where `sql` begins, when it is a part of the file
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

/** Characters before the fault. Postgres counts from 1; the parser of `splitStatements` from 0. */
function positionOf(error: Error): number | undefined {
  if ("sqlDetails" in error) return (error.sqlDetails as { cursorPosition?: number }).cursorPosition;
  if ("position" in error && error.position) return Number(error.position) - 1;
  return undefined;
}
