import { readdir } from "node:fs/promises";
import path from "node:path";
import type { LocalDatabase } from "#groundwork/local";

/** A row of `groundwork.agent_types`: the name and the purpose of an agent. */
export interface AgentTypeRow {
  name: string;
  purpose: string;
}

export function readAgentTypes(database: LocalDatabase): Promise<AgentTypeRow[]> {
  return database.query("select name, purpose from groundwork.agent_types order by name");
}

/** The files in the folder of each agent. */
const agentFiles = ["input.ts", "output.ts", "prompt.ts", "agent.ts", "offline.ts"];

/**
 * Checks that the rows of `groundwork.agent_types` and the folders of agents match.
 *
 * @param folder the folder of the agents' folders: `src/agents`
 * @throws Error that names each missing file, and each agent without a row
 */
export async function checkAgentFolders(types: AgentTypeRow[], folder: string): Promise<void> {
  const found = new Map<string, string[]>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) found.set(entry.name, await readdir(path.join(folder, entry.name)));
  }
  const expected = new Set(types.map(({ name }) => folderOf(name)));
  const missing = [...expected].flatMap((name) =>
    agentFiles.filter((file) => !found.get(name)?.includes(file)).map((file) => path.join(folder, name, file)),
  );
  const unknown = [...found].filter(([name, files]) => !expected.has(name) && files.includes("input.ts"));
  const faults = [
    ...missing.map((file) => `${file} is missing.`),
    ...unknown.map(([name]) => `${path.join(folder, name)} has no row in groundwork.agent_types.`),
  ];
  if (faults.length > 0) throw new Error(`${faults.join("\n")}\nSee docs/guides/add-an-agent.md.`);
}

export function agentTypeModule(types: AgentTypeRow[]): string {
  const entries = types.map(({ name, purpose }) => `  /** ${purpose} */\n  ${JSON.stringify(name)},`);
  return `${generated}
/** The agent types that this backend knows. */
export const agentTypes = [
${entries.join("\n")}
] as const;

/** The name of an agent type. */
export type AgentType = (typeof agentTypes)[number];
`;
}

/** Makes the module with the agents by type. Its imports are static, because Edge Functions are bundled. */
export function agentRegistryModule(types: AgentTypeRow[]): string {
  const imports = types.map(({ name }) => `import { ${camelCase(name)} } from "./${folderOf(name)}/agent.ts";`);
  const entries = types.map(({ name }) => `  ${name}: ${camelCase(name)},`);
  return `${generated}
import type { AgentType } from "../agent-types.ts";
${imports.join("\n")}
import type { Agent } from "./runtime/agent.ts";

/** The agents by type. Each receives a job's input as its own schema \`input\` has parsed it. */
export const agents: Record<AgentType, Agent<unknown>> = {
${entries.join("\n")}
};
`;
}

/** Makes the module with the input schemas. The client loads it to check an input before it is sent. */
export function agentInputModule(types: AgentTypeRow[]): string {
  return schemaModule(types, "Input", "The schemas of a job's `input_data`, by agent type. Unknown keys are refused.");
}

/** Makes the module with the output schemas. */
export function agentOutputModule(types: AgentTypeRow[]): string {
  return schemaModule(types, "Output", "The schemas of a completed job's `output_data`, by agent type.");
}

function schemaModule(types: AgentTypeRow[], suffix: "Input" | "Output", comment: string): string {
  const imports = types.map(
    ({ name }) => `import { ${pascalCase(name)}${suffix} } from "./${folderOf(name)}/${suffix.toLowerCase()}.ts";`,
  );
  const entries = types.map(({ name }) => `  ${name}: ${pascalCase(name)}${suffix},`);
  return `${generated}
import type { ZodType } from "zod";
import type { AgentType } from "../agent-types.ts";
${imports.join("\n")}

/** ${comment} */
export const agent${suffix}s = {
${entries.join("\n")}
} satisfies Record<AgentType, ZodType>;
`;
}

const generated = "// Generated from groundwork.agent_types by npm run db:types. Do not edit.\n";

const folderOf = (name: string) => name.replaceAll("_", "-");

const camelCase = (name: string) => name.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const pascalCase = (name: string) => camelCase(`_${name}`);
