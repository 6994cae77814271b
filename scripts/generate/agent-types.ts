import type { LocalDatabase } from "#groundwork/local";

/** The names of `groundwork.agent_types`, each with what the agent is for. */
export interface AgentTypeRow {
  name: string;
  purpose: string;
}

export function readAgentTypes(database: LocalDatabase): Promise<AgentTypeRow[]> {
  return database.query("select name, purpose from groundwork.agent_types order by name");
}

export function agentTypeModule(types: AgentTypeRow[]): string {
  const entries = types.map(({ name, purpose }) => `  /** ${purpose} */\n  ${JSON.stringify(name)},`);
  return `// Generated from groundwork.agent_types by npm run db:types. Do not edit.

/** The agent types that this backend knows. */
export const agentTypes = [
${entries.join("\n")}
] as const;

/** The name of an agent type. */
export type AgentType = (typeof agentTypes)[number];
`;
}
