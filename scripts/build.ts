/**
 * Builds the package: JavaScript, declarations and source maps of src in dist, which `npm pack` packs.
 *
 *   npm run build
 */
import { execFileSync } from "node:child_process";
import { cp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";

const out = "dist";

export async function build(): Promise<void> {
  await rm(out, { recursive: true, force: true });
  execFileSync("tsc", ["--project", "tsconfig.build.json"], { stdio: "inherit" });

  for (const name of await readdir(out, { recursive: true })) {
    if (!name.endsWith(".d.ts")) continue;
    const file = path.join(out, name);
    const declarations = await readFile(file, "utf8");
    // TypeScript does not rewrite imports in declarations, and some tools that read declarations do not find "./x.ts".
    await writeFile(file, declarations.replace(/((?:from |import\()"\.{1,2}\/[^"]+)\.ts"/g, '$1.js"'));
  }

  // The embedded stack reads these files at run time.
  const sql = (await readdir("src", { recursive: true })).filter((name) => name.endsWith(".sql"));
  for (const name of sql) await cp(path.join("src", name), path.join(out, name));
}

if (import.meta.main) await build();
