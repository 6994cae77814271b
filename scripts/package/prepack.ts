/** Runs before `npm pack`: builds, and replaces package.json by its published form. postpack.ts restores it. */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { build } from "../build.ts";
import { type PackageJson, asideFile } from "./package-json.ts";
import { publishedManifest } from "./published-manifest.ts";

await build();
const manifest = JSON.parse(await readFile("package.json", "utf8")) as PackageJson;
if (!manifest.private) {
  throw new Error(
    `package.json has its published form, because an earlier npm pack did not end. Run: mv ${asideFile} package.json`,
  );
}
await copyFile("package.json", asideFile);
await writeFile("package.json", `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`);
