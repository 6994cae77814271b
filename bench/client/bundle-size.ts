import { gzipSync } from "node:zlib";
import path from "node:path";
import { type RolldownOutput, rolldown } from "rolldown";
import { packageName } from "../../scripts/package/package-name.ts";

/** Bytes after minification and gzip, without supabase-js and zod. */
export interface BundleSize {
  /** The bytes that a page loads at first. */
  first: number;
  /** The bytes that it loads when they are needed for the first time: schemas, watching, calling agents. */
  later: number;
  /** All code as one file. */
  whole: number;
}

/** Bundles a program that uses the library with Rolldown, the bundler of Vite. */
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
    // An app's entry is not imported by anything, so its exports need not be kept.
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

/** The whole library, except `createClient`, which is plain supabase-js. */
export const wholeProgram = `export { createGroundwork } from "${packageName}";`;

/** One domain, on an existing client. */
export const domainProgram = (factory: string) => `export { ${factory} } from "${packageName}";`;

/** The function that makes each domain, by the property of the client. */
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
