import path from "node:path";
import postgres from "postgres";
import { StartError } from "../../src/local/start-error.ts";
import { startLocal } from "../../src/local/start-local.ts";
import { type SizeClass, loadMemories, usersOf } from "./load-memories.ts";
import type { Mixture } from "./vectors.ts";

export interface BenchDatabase extends AsyncDisposable {
  url: string;
  /** As the owner; one connection. */
  sql: postgres.Sql;
  classes: SizeClass[];
  /** `users.id` by size class. */
  users: string[][];
}

/** A migrated database of its own, with the memories of people of each size. */
export async function createBenchDatabase(
  adminUrl: string,
  classes: SizeClass[],
  mixture: Mixture,
): Promise<BenchDatabase> {
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
  const backend = await startLocal({ projectRoot: path.resolve(import.meta.dirname, "../.."), databaseUrl: url.href });
  await backend.close();

  const sql = postgres(url.href, { max: 1, onnotice: () => {} });
  undo.defer(() => sql.end());
  const total = classes.reduce((sum, { people, rows }) => sum + people * rows, 0);
  console.error(`Loading ${total.toLocaleString("en")} memories (${mixture}) into the database ${name}`);
  await loadMemories(sql, classes, mixture);
  const drop = undo.move();
  return { url: url.href, sql, classes, users: usersOf(classes), [Symbol.asyncDispose]: () => drop.disposeAsync() };
}
