import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { StartError } from "./start-error.ts";

/** Files that this process holds. */
const held = new Set<string>();

/**
 * Two backends on one data directory would destroy it. The lock is a file with the id of the process that holds it; one
 * left behind by a process that is gone counts for nothing.
 *
 * @returns a function that gives the lock back
 */
export async function lockData(file: string): Promise<() => Promise<void>> {
  if (held.has(file)) throw inUse(process.pid);
  held.add(file);
  const release = async () => {
    await rm(file, { force: true });
    held.delete(file);
  };
  // Whole before it has its name, so that nobody reads half of it.
  const own = `${file}.${crypto.randomUUID()}`;
  try {
    await writeFile(own, String(process.pid));
    while (!(await isLinked(own, file))) await removeStale(file, own);
  } catch (error) {
    held.delete(file);
    throw error;
  } finally {
    await rm(own, { force: true });
  }
  return release;
}

/** Of several at the same moment one succeeds. */
async function isLinked(own: string, file: string): Promise<boolean> {
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

/** @throws StartError if its holder is alive */
async function removeStale(file: string, own: string): Promise<void> {
  const stale = await readFile(file, "utf8").catch(() => "");
  const holder = Number(stale);
  if (holder && holder !== process.pid && isAlive(holder)) throw inUse(holder);
  const aside = `${own}.stale`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  // Somebody may have been faster; then it is theirs.
  if ((await readFile(aside, "utf8")) !== stale) await link(aside, file).catch(() => {});
  await rm(aside);
}

const inUse = (holder: number) =>
  new StartError(
    `The data is in use by another backend (process ${holder}).`,
    "Stop that one, or start this one with --memory.",
  );

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
