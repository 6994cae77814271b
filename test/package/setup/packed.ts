import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

export const run = promisify(execFile);

/** The package as `npm pack` makes it, installed in an empty project. */
export interface Installed extends AsyncDisposable {
  root: string;
  tarball: string;
  /** The names of the packages that npm installed. */
  packages: string[];
}

/** Packs a copy of this project and installs it. It is a copy because packing changes package.json for a moment. */
export async function installPacked(): Promise<Installed> {
  const folder = await mkdtemp(path.join(tmpdir(), "groundwork-package-"));
  const source = path.join(folder, "source");
  await mkdir(source);
  for (const name of [
    "src",
    "scripts",
    "package.json",
    "tsconfig.json",
    "tsconfig.build.json",
    "README.md",
    "LICENSE",
  ]) {
    await cp(name, path.join(source, name), { recursive: true });
  }
  await symlink(path.resolve("node_modules"), path.join(source, "node_modules"));
  const { stdout } = await run("npm", ["pack", "--json", "--silent"], { cwd: source });
  // The output of the build comes before the JSON.
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf("[\n"))) as { filename: string }[];
  const tarball = path.join(source, packed!.filename);

  const root = path.join(folder, "app");
  await mkdir(root);
  await writeFile(path.join(root, "package.json"), '{ "name": "app", "private": true, "type": "module" }');
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball], { cwd: root });
  const listed = await run("npm", ["ls", "--all", "--parseable"], { cwd: root });
  const packages = listed.stdout
    .split("\n")
    .filter((line) => line.includes("node_modules"))
    .map((line) => line.slice(line.lastIndexOf("node_modules/") + "node_modules/".length));
  return {
    root,
    tarball,
    packages: [...new Set(packages)].toSorted(),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** Installs the npm package `node` of this version, and returns its binary. */
export async function nodeOfVersion(version: number, folder: string): Promise<string> {
  const root = path.join(folder, `node-${version}`);
  await mkdir(root, { recursive: true });
  await writeFile(path.join(root, "package.json"), '{ "private": true, "allowScripts": { "node": true } }');
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", `node@${version}`], { cwd: root });
  return path.join(root, "node_modules", "node", "bin", "node");
}
