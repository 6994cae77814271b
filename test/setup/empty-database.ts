import { readFile } from "node:fs/promises";
import { App } from "@supabase/lite";
import { type PgliteDatabase, openPglite } from "../../src/local/database/open-pglite.ts";
import { emptySnapshot } from "../../src/local/snapshot.ts";

/** Opens the database of a new Supabase project: accounts, roles and schemas, but no migration. */
export async function emptyDatabase(): Promise<PgliteDatabase & AsyncDisposable> {
  const database = await openPglite({ snapshot: await emptySnapshot(".") });
  await new App({ connection: database.connection }).ensureSystemSchema();
  await database.run(await readFile("src/local/database/platform.sql", "utf8"));
  return Object.assign(database, { [Symbol.asyncDispose]: () => database.close() });
}
