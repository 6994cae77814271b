import path from "node:path";
import postgres from "postgres";
import { StartError } from "../src/local/start-error.ts";
import { startLocal } from "../src/local/start-local.ts";

export interface MigratedDatabase extends AsyncDisposable {
  name: string;
  url: string;
  /** A connection as the owner. */
  sql: postgres.Sql;
}

/**
 * Makes a database with all migrations and no rows, on the server of the URL. Disposing drops it.
 *
 * @param options.connections the most connections of `sql`
 */
export async function createMigratedDatabase(
  adminUrl: string,
  options: { connections: number },
): Promise<MigratedDatabase> {
  const name = `groundwork_bench_${crypto.randomUUID().replaceAll("-", "")}`;
  const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
  await using undo = new AsyncDisposableStack();
  undo.defer(() => admin.end());
  try {
    await admin.unsafe(`create database "${name}"`);
  } catch (error) {
    throw new StartError(`No database can be made there: ${(error as Error).message}`, "Check DATABASE_URL.");
  }
  undo.defer(async () => void (await admin.unsafe(`drop database "${name}" with (force)`)));

  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const backend = await startLocal({ projectRoot: path.resolve(import.meta.dirname, ".."), databaseUrl: url.href });
  await backend.close();

  const sql = postgres(url.href, { max: options.connections, onnotice: () => {} });
  undo.defer(() => sql.end());
  const drop = undo.move();
  return { name, url: url.href, sql, [Symbol.asyncDispose]: () => drop.disposeAsync() };
}
