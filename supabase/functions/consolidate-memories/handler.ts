import { MemoryKeeperInput } from "../../../src/agents/memory-keeper/input.ts";
import { createJobHandler } from "../_shared/job-handler.ts";

/** Answers `POST /functions/v1/consolidate-memories`: merges memories that say the same, and ends those that newer ones contradict. */
export const consolidateMemories = createJobHandler("memory_keeper", MemoryKeeperInput, {
  maxBytes: 65_536,
  example: "nothing",
});
