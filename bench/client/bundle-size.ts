import { gzipSync } from "node:zlib";
import path from "node:path";
import { type RolldownOutput, rolldown } from "rolldown";
import { packageName } from "../../scripts/package/package-name.ts";

/** Bytes, minified and gzipped; supabase-js and zod not counted. */
export interface BundleSize {
  /** What a page loads to begin with. */
  first: number;
  /** What it loads when it is needed for the first time: schemas, watching, calling agents. */
  later: number;
  /** All of it as one file. */
  whole: number;
}

/** What Rolldown, which is the bundler of Vite, makes of a program that uses the library. */
export async function bundleSize(program: string): Promise<BundleSize> {
  const entry = path.join(import.meta.dirname, "../../entry.ts");
  await using bundle = await rolldown({
    input: entry,
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? program : null),
      },
    ],
    external: ["@supabase/supabase-js", "zod"],
    platform: "browser",
    // As it is for an app: nobody imports its entry.
    preserveEntrySignatures: "allow-extension",
    checks: { ineffectiveDynamicImport: false },
  });
  const chunks = await bundle.generate({ format: "esm", minify: true });
  const oneFile = await bundle.generate({ format: "esm", minify: true, codeSplitting: false });
  const [first] = chunks.output;
  const isFirst = ({ fileName }: { fileName: string }) =>
    fileName === first.fileName || first.imports.includes(fileName);
  return {
    first: gzipped(chunks.output.filter(isFirst)),
    later: gzipped(chunks.output.filter((file) => !isFirst(file))),
    whole: gzipped(oneFile.output),
  };
}

function gzipped(files: RolldownOutput["output"][number][]): number {
  const sizes = files.map((file) => (file.type === "chunk" ? gzipSync(file.code, { level: 9 }).length : 0));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The whole library, without what `createClient` adds, which is plain supabase-js. */
export const wholeProgram = `export { createGroundwork } from "${packageName}";`;

/** One domain, on a client that is there already. */
export const domainProgram = (factory: string) => `export { ${factory} } from "${packageName}";`;

/** The export that makes a domain, by its property of the client. */
export const domains = {
  account: "account",
  preferences: "preferences",
  thoughts: "thoughts",
  circles: "circles",
  intentions: "intentions",
  stories: "stories",
  memories: "memories",
  personas: "personas",
  tasks: "tasks",
  campaigns: "campaigns",
  content: "contentAssets",
  jobs: "jobs",
  budget: "budget",
  search: "textSearch",
};
