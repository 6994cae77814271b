import type { LocalDatabase, Statements } from "#groundwork/local";

class RolledBack extends Error {}

/** Gives what `work` gives, and leaves no trace of what it did to the database. */
export async function inRolledBackTransaction<T>(
  database: LocalDatabase,
  work: (statements: Statements) => Promise<T>,
): Promise<T> {
  let result: { value: T } | undefined;
  await database
    .transaction(async (statements) => {
      result = { value: await work(statements) };
      throw new RolledBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error;
    });
  return result!.value;
}
