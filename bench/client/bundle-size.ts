import { gzipSync } from "node:zlib";
import path from "node:path";
import { rolldown } from "rolldown";

/** Bytes, minified and gzipped; supabase-js and zod not counted. */
export interface BundleSize {
  /** What a page loads to begin with. */
  first: number;
  /** What it loads when it is needed for the first time: schemas, watching, calling agents. */
  later: number;
}

/** What Rolldown, which is the bundler of Vite, makes of a program that uses the library. */
export async function bundleSize(program: string): Promise<BundleSize> {
  const entry = path.join(import.meta.dirname, "../../entry.ts");
  await using bundle = await rolldown({
    input: entry,
    plugins: [
      { name: "entry", load: (id) => (id === entry ? program : null), resolveId: (id) => (id === entry ? id : null) },
    ],
    external: ["@supabase/supabase-js", "zod"],
    platform: "browser",
    // As it is for an app: nobody imports its entry.
    preserveEntrySignatures: "allow-extension",
    checks: { ineffectiveDynamicImport: false },
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  const size: BundleSize = { first: 0, later: 0 };
  const [entryChunk] = output;
  for (const chunk of output.filter((part) => part.type === "chunk")) {
    const isFirst = chunk === entryChunk || entryChunk.imports.includes(chunk.fileName);
    size[isFirst ? "first" : "later"] += gzipSync(chunk.code, { level: 9 }).length;
  }
  return size;
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
