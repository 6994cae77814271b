import type { Agent } from "./agent.ts";
import { AgentError } from "./agent-error.ts";
import { ThoughtOrganizerInput } from "./inputs.ts";

/** Gathers thoughts into circles. */
export const thoughtOrganizer: Agent<ThoughtOrganizerInput> = {
  input: ThoughtOrganizerInput,
  async run() {
    throw new AgentError("invalid_input", "This agent is not here yet.");
  },
};
