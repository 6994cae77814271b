/** Before `npm pack`: builds, and puts the published form of package.json in its place. postpack.ts puts it back. */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { build } from "../build.ts";
import { type PackageJson, asideFile } from "./package-json.ts";
import { publishedManifest } from "./published-manifest.ts";

await build();
const manifest = JSON.parse(await readFile("package.json", "utf8")) as PackageJson;
if (!manifest.private) {
  throw new Error(
    `package.json is in its published form: an earlier npm pack did not end. Run: mv ${asideFile} package.json`,
  );
}
await copyFile("package.json", asideFile);
await writeFile("package.json", `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`);
