/**
 * Writes what is derived from the database: the types, the list of error codes and its page in the documentation.
 *
 *   npm run db:types              writes the files
 *   npm run db:types -- --check   writes nothing, fails when a file is out of date
 */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs, promisify } from "node:util";
import { format, resolveConfig } from "prettier";
import { type Database, startLocal } from "groundwork/local";

const { values: options } = parseArgs({ options: { check: { type: "boolean", default: false } } });

await using backend = await startLocal({ wirePort: 0 });
const errorCodes = await readErrorCodes(backend.database);
const files: [string, string][] = [
  ["src/database.types.ts", await generateTypes(backend.databaseUrl!)],
  ["src/error-codes.ts", errorCodeModule(errorCodes)],
  ["docs/errors.md", errorCodePage(errorCodes)],
];

const stale: string[] = [];
for (const [file, content] of files) {
  if ((await readFile(file, "utf8").catch(() => "")) === content) continue;
  if (options.check) stale.push(file);
  else await writeFile(file, content);
}
if (stale.length > 0) {
  console.error(`Out of date: ${stale.join(", ")}. Run npm run db:types and commit the result.`);
  process.exitCode = 1;
} else {
  console.log(`${files.map(([file]) => file).join(", ")}: up to date.`);
}

async function generateTypes(url: string): Promise<string> {
  const { stdout } = await promisify(execFile)("supabase", ["gen", "types", `--remote=${url}`, "--schema=public"], {
    env: { ...process.env, DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1" },
  });
  return format(stdout, { ...(await resolveConfig("src/database.types.ts")), parser: "typescript" });
}

interface ErrorCodeRow {
  code: string;
  status: number;
  message: string;
  hint: string;
}

function readErrorCodes(database: Database): Promise<ErrorCodeRow[]> {
  return database.query("select code, status, message, hint from private.error_codes order by code");
}

function errorCodeModule(codes: ErrorCodeRow[]): string {
  const entries = codes.map(
    ({ code, status, message, hint }) =>
      `  /** ${message} ${hint} */\n  ${code}: { status: ${status}, message: ${JSON.stringify(message)} },`,
  );
  return `// Generated from private.error_codes by npm run db:types. Do not edit.

/** The errors that the backend raises by itself, by the \`code\` that clients find in them. */
export const errorCodes = {
${entries.join("\n")}
} as const;

export type ErrorCode = keyof typeof errorCodes;
`;
}

function errorCodePage(codes: ErrorCodeRow[]): string {
  const rows = codes.map(({ code, status, message, hint }) => `| ${code} | ${status} | ${message} | ${hint} |`);
  return `# Errors

Generated from \`private.error_codes\` by \`npm run db:types\`. What the backend raises by itself reaches \`supabase-js\` as
\`error.code\`, \`error.message\`, \`error.details\` and \`error.hint\`, with the HTTP status below. Other codes are those of
[PostgREST](https://docs.postgrest.org/en/v14/references/errors.html) and
[Postgres](https://www.postgresql.org/docs/17/errcodes-appendix.html).

| code | status | message | what to do |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}
