import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { lockData } from "../../src/local/data-lock.ts";

const folder = await mkdtemp(path.join(tmpdir(), "groundwork-lock-"));
const file = path.join(folder, "data.lock");
afterAll(() => rm(folder, { recursive: true }));

test("only one backend at a time has the data, even within one process", async () => {
  const release = await lockData(file);

  await expect(lockData(file)).rejects.toThrow(`in use by another backend (process ${process.pid})`);
  await release();
  await (
    await lockData(file)
  )();
  expect(await readdir(folder)).toEqual([]);
});

test("a lock of a process that has ended is ignored, and only one of many others gets it", async () => {
  for (const left of ["", "999999999"]) {
    await writeFile(file, left);

    const ends = await Promise.allSettled(Array.from({ length: 20 }, () => lockData(file)));

    const locks = ends.filter((end) => end.status === "fulfilled");
    expect(locks).toHaveLength(1);
    await locks[0]!.value();
  }
  expect(await readdir(folder)).toEqual([]);
});

test("the process that holds the lock is named", async () => {
  await writeFile(file, String(process.ppid));

  await expect(lockData(file)).rejects.toThrow(`in use by another backend (process ${process.ppid})`);
  await rm(file);
});
