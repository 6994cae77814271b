import { startLocal } from "#groundwork/local";

/** Builds both snapshots before any test file starts, so that two files never build the same one at the same time. */
export default async function buildSnapshots(): Promise<void> {
  for (const seed of [false, true]) {
    await using _backend = await startLocal({ seed });
  }
}
