import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Bytes of what a bundler makes of a program that uses the library, minified and gzipped; supabase-js and zod not counted. */
export async function bundleSize(program: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: path.join(import.meta.dirname, "../.."), loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["@supabase/supabase-js", "zod"],
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}

/** The whole library, without what `createClient` adds, which is plain supabase-js. */
export const wholeProgram = 'export { createGroundwork } from "groundwork";';

/** One domain, on a client that is there already. */
export const domainProgram = (domain: string) => `export { ${domain} } from "groundwork";`;

export const domains = [
  "account",
  "preferences",
  "thoughts",
  "circles",
  "intentions",
  "stories",
  "memories",
  "personas",
  "tasks",
  "campaigns",
  "content",
  "jobs",
  "budget",
  "search",
];
