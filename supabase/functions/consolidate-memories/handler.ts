import { MemoryKeeperInput } from "../../../src/agents/memory-keeper/input.ts";
import { createJobHandler } from "../_shared/job-handler.ts";

/** Answers `POST /functions/v1/consolidate-memories`: merges or ends memories that newer ones repeat or contradict. */
export const consolidateMemories = createJobHandler("memory_keeper", MemoryKeeperInput, {
  maxBytes: 65_536,
  example: "nothing",
});
