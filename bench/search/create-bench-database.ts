import type postgres from "postgres";
import { createMigratedDatabase } from "../create-migrated-database.ts";
import { type SizeClass, loadMemories, usersOf } from "./load-memories.ts";
import type { Mixture } from "./vectors.ts";

export interface BenchDatabase extends AsyncDisposable {
  url: string;
  /** One connection as the owner. */
  sql: postgres.Sql;
  classes: SizeClass[];
  /** The `users.id` by size class. */
  users: string[][];
}

/** Makes a migrated database with the memories of users of each size. */
export async function createBenchDatabase(
  adminUrl: string,
  classes: SizeClass[],
  mixture: Mixture,
): Promise<BenchDatabase> {
  await using undo = new AsyncDisposableStack();
  const { name, url, sql } = undo.use(await createMigratedDatabase(adminUrl, { connections: 1 }));
  const total = classes.reduce((sum, { userCount, rows }) => sum + userCount * rows, 0);
  console.error(`Loading ${total.toLocaleString("en")} memories (${mixture}) into the database ${name}`);
  await loadMemories(sql, classes, mixture);
  const drop = undo.move();
  return { url, sql, classes, users: usersOf(classes), [Symbol.asyncDispose]: () => drop.disposeAsync() };
}
