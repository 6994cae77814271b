import { readFile, rm, writeFile } from "node:fs/promises";
import { StartError } from "./start-error.ts";

/**
 * Two processes on one data directory would destroy it. The lock is a file with the id of the process that holds it; one
 * left behind by a process that is gone counts for nothing.
 *
 * @returns a function that gives the lock back
 */
export async function lockData(file: string): Promise<() => Promise<void>> {
  try {
    await writeFile(file, String(process.pid), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const holder = Number(await readFile(file, "utf8").catch(() => ""));
    if (holder && holder !== process.pid && isAlive(holder)) {
      throw new StartError(
        `The data is in use by another backend (process ${holder}).`,
        "Stop that one, or start this one with --memory.",
      );
    }
    await rm(file, { force: true });
    return lockData(file);
  }
  return () => rm(file, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
