import type { Agent } from "./agent.ts";
import { AgentError } from "./agent-error.ts";
import { PersonaWriterInput } from "./inputs.ts";

/** Makes a structured persona from a long text. */
export const personaWriter: Agent<PersonaWriterInput> = {
  input: PersonaWriterInput,
  async run() {
    throw new AgentError("invalid_input", "This agent is not here yet.");
  },
};
