import { spawnSync } from "node:child_process";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.join(import.meta.dirname, "../..");

/** src/database.ts as it would be without refined types. */
const generatedOnly = `
  import type { Database as Generated, Json } from "./database.types.ts";
  export type JsonObject = { [key: string]: Json | undefined };
  export type Database = Generated;
`;

/**
 * Copies the library and the examples into a temporary folder, to type-check them with and without the refined types.
 */
export async function prepareTypeCheck() {
  const folder = await mkdtemp(path.join(tmpdir(), "groundwork-tsc-"));
  for (const variant of ["refined", "generated"]) {
    const project = path.join(folder, variant);
    for (const name of ["src", "examples", "package.json", "tsconfig.json"]) {
      await cp(path.join(root, name), path.join(project, name), { recursive: true });
    }
    await symlink(path.join(root, "node_modules"), path.join(project, "node_modules"));
    await writeFile(
      path.join(project, "tsconfig.examples.json"),
      '{ "extends": "./tsconfig.json", "include": ["examples"] }',
    );
    if (variant === "generated") await writeFile(path.join(project, "src", "database.ts"), generatedOnly);
  }
  return {
    /**
     * Returns the milliseconds that tsc takes. Without the refined types it finds errors, which does not make it
     * faster.
     */
    measure(variant: "refined" | "generated"): number {
      const started = performance.now();
      const tsc = path.join(root, "node_modules", ".bin", "tsc");
      const { error } = spawnSync(tsc, ["--project", "tsconfig.examples.json"], { cwd: path.join(folder, variant) });
      if (error) throw error;
      return performance.now() - started;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
