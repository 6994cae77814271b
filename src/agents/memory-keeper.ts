import type { Agent } from "./agent.ts";
import { AgentError } from "./agent-error.ts";
import { MemoryKeeperInput } from "./inputs.ts";

/** Keeps what is remembered of a person free of repetition and contradiction. */
export const memoryKeeper: Agent<MemoryKeeperInput> = {
  input: MemoryKeeperInput,
  async run() {
    throw new AgentError("invalid_input", "This agent is not here yet.");
  },
};
