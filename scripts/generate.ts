/**
 * Writes the files that are generated from the database and the tests: types, the list of error codes, pages of the
 * documentation.
 *
 *   npm run db:types              writes the files
 *   npm run db:types -- --check   writes nothing, and fails if a file is out of date
 */
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { startLocal } from "#groundwork/local";
import { readMigrations } from "../src/local/migrations.ts";
import { acceptancePage } from "./acceptance/page.ts";
import {
  agentInputModule,
  agentOutputModule,
  agentRegistryModule,
  agentTypeModule,
  checkAgentFolders,
  readAgentTypes,
} from "./generate/agent-types.ts";
import { apiPage } from "./generate/api-page.ts";
import { errorCodeModule, errorCodePage, readErrorCodes } from "./generate/error-codes.ts";
import { formatted } from "./generate/formatted.ts";
import { readDomains } from "./generate/read-domains.ts";
import { readSchema } from "./generate/read-schema.ts";
import { schemaPage } from "./generate/schema-page.ts";
import { generateTypes } from "./generate/types.ts";
import { packageName } from "./package/package-name.ts";

const { values: options } = parseArgs({ options: { check: { type: "boolean", default: false } } });

const backend = await startLocal({ wirePort: 0 });
const agentTypes = await readAgentTypes(backend.database);
await checkAgentFolders(agentTypes, "src/agents");
const errorCodes = await readErrorCodes(backend.database);
const domains = await readDomains(await readMigrations("supabase/migrations"));
/** These run one after the other, because the page of the API is made from the modules before it. */
const files: [string, () => string | Promise<string>][] = [
  ["src/database.types.ts", () => generateTypes(backend.databaseUrl!)],
  ["src/error-codes.ts", () => errorCodeModule(errorCodes)],
  ["src/agent-types.ts", () => agentTypeModule(agentTypes)],
  ["src/agents/registry.ts", () => agentRegistryModule(agentTypes)],
  ["src/agents/inputs.ts", () => agentInputModule(agentTypes)],
  ["src/agents/outputs.ts", () => agentOutputModule(agentTypes)],
  ["docs/reference/errors.md", () => errorCodePage(errorCodes)],
  ["docs/reference/acceptance.md", () => acceptancePage()],
  [
    "docs/reference/api.md",
    () => apiPage({ [packageName]: "src/index.ts", [`${packageName}/schemas`]: "src/schemas/index.ts" }),
  ],
  ["docs/reference/schema.md", async () => schemaPage(domains, await readSchema(backend.database))],
];

const stale: string[] = [];
for (const [file, make] of files) {
  const content = await formatted(file, await make());
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
await backend.close();
