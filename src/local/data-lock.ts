import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { StartError } from "./start-error.ts";

/** The files that this process has locked. */
const held = new Set<string>();

/**
 * Locks a data directory, because two backends on one data directory would destroy it. The lock is a file with the id
 * of the process that holds it. A lock file of a process that no longer runs is ignored.
 *
 * @returns a function that releases the lock
 * @throws StartError if another backend holds the lock
 */
export async function lockData(file: string): Promise<() => Promise<void>> {
  if (held.has(file)) throw inUse(process.pid);
  held.add(file);
  const release = async () => {
    await rm(file, { force: true });
    held.delete(file);
  };
  // The file is complete before it gets its name, so that nobody can read a part of it.
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

/** Creates the lock file. If several processes try at the same time, one succeeds. */
async function isLinked(own: string, file: string): Promise<boolean> {
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

/** @throws StartError if the process that holds the lock still runs */
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
  // If another process has taken the lock meanwhile, its file is put back.
  if ((await readFile(aside, "utf8")) !== stale) await link(aside, file).catch(() => {});
  await rm(aside);
}

const inUse = (holder: number) =>
  new StartError(
    `The data is in use by another backend (process ${holder}).`,
    "Stop that backend, or start this one with --memory.",
  );

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
