import type { LocalDatabase, Statements } from "#groundwork/local";

class RolledBack extends Error {}

/** Returns the result of `work`, and rolls back everything that it did. */
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
