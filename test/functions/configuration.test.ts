import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const folder = "supabase/functions";
const functions = (await readdir(folder)).filter((name) => /^[a-z]/.test(name));
// The deno.json of the root has comments.
const readJson = async (file: string) => JSON.parse((await readFile(file, "utf8")).replace(/^\s*\/\/.*$/gm, ""));

test("each function is in the Deno workspace, without which its tests would not run", async () => {
  const { workspace } = await readJson("deno.json");

  expect(workspace).toEqual(functions.toSorted().map((name) => `./${folder}/${name}`));
});

test("each function itself checks its callers", async () => {
  const configuration = await readFile("supabase/config.toml", "utf8");

  const own = [...configuration.matchAll(/^\[functions\.([\w-]+)\]\n(?:#.*\n)*verify_jwt = false$/gm)];
  expect(own.map(([, name]) => name).toSorted()).toEqual(functions.toSorted());
});

test("the workflow runs files that exist", async () => {
  const workflow = await readFile(".github/workflows/ci.yml", "utf8");

  const files = [...workflow.matchAll(/(?:node|bash) ([\w./-]+)/g)].map(([, file]) => file!);
  expect(files).toContain("examples/circles-of-care/app.ts");
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});

// On this machine, node_modules would supply missing packages. A deployed function has only the imports of its
// deno.json.
test.for(functions)("%s names the packages that it imports, and no others", async (name) => {
  const { stdout } = await run("deno", ["info", "--json", `${folder}/${name}/index.ts`]);
  const { modules } = JSON.parse(stdout) as {
    modules: { specifier: string; dependencies?: { specifier: string }[] }[];
  };
  const imported = modules
    .filter(({ specifier }) => specifier.startsWith("file:") && !specifier.includes("/node_modules/"))
    .flatMap(({ dependencies = [] }) => dependencies.map(({ specifier }) => specifier))
    .filter((specifier) => !specifier.startsWith("."));

  const { imports } = await readJson(`${folder}/${name}/deno.json`);
  expect(Object.keys(imports)).toEqual([...new Set(imported)].toSorted());
});
