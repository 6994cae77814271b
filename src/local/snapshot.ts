import { createHash } from "node:crypto";
import { existsSync, openAsBlob } from "node:fs";
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import path from "node:path";
import { openPglite } from "./database/open-pglite.ts";

const keptSnapshots = 6;

/**
 * Returns a migrated database as a file. The file is built once. Loading it takes a fraction of the time of migrating.
 *
 * @param folder folder of the snapshots
 * @param contents everything from which the database is made; other contents give another snapshot
 * @param build makes the data directory if there is no snapshot of it yet
 */
export async function cachedSnapshot(folder: string, contents: string[], build: () => Promise<Blob>): Promise<Blob> {
  const file = await snapshotFile(folder, contents);
  const known = await openSnapshot(file);
  if (known) return known;

  const snapshot = await build();
  await mkdir(folder, { recursive: true });
  // The file is renamed when it is complete, so that another process never reads a part of it.
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, snapshot.stream());
  await rename(unfinished, file);
  await removeOldSnapshots(folder);
  return snapshot;
}

const emptyFolder = (projectRoot: string) => path.join(projectRoot, ".groundwork", "empty");

/**
 * Returns the result of `initdb`. In WebAssembly `initdb` takes two seconds, so it runs once for each version of
 * PGlite.
 */
export function emptySnapshot(projectRoot: string): Promise<Blob> {
  return cachedSnapshot(emptyFolder(projectRoot), [], async () => {
    const database = await openPglite();
    try {
      return await database.snapshot();
    } finally {
      await database.close();
    }
  });
}

/** Returns the result of `initdb` if it has been kept. To keep it for a single database costs more than it saves. */
export async function keptEmptySnapshot(projectRoot: string): Promise<Blob | undefined> {
  return openSnapshot(await snapshotFile(emptyFolder(projectRoot), []));
}

async function snapshotFile(folder: string, contents: string[]): Promise<string> {
  return path.join(folder, `${hash([...(await engineVersions()), ...contents])}.tar`);
}

async function openSnapshot(file: string): Promise<Blob | undefined> {
  // The file is never changed after this. A Blob of a file that changes cannot be read.
  return existsSync(file) ? openAsBlob(file) : undefined;
}

function hash(contents: string[]): string {
  const sum = createHash("sha256");
  for (const content of contents) sum.update(`${content.length}:`).update(content);
  return sum.digest("hex").slice(0, 32);
}

/** A data directory can be used only by the versions that wrote it. */
async function engineVersions(): Promise<string[]> {
  const manifests = ["@supabase/lite", "@electric-sql/pglite"].map((name) => findPackageJSON(name, import.meta.url)!);
  return Promise.all(manifests.map(async (file) => JSON.parse(await readFile(file, "utf8")).version as string));
}

async function removeOldSnapshots(folder: string): Promise<void> {
  // This includes files that were never finished.
  const files = (await readdir(folder)).map((name) => path.join(folder, name));
  const built = await Promise.all(
    files.map(async (file) => ({ file, at: (await stat(file).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  const old = built.toSorted((a, b) => b.at - a.at).slice(keptSnapshots);
  await Promise.all(old.map(({ file }) => rm(file, { force: true })));
}
