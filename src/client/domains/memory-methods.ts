import { callRpc } from "../http/call-rpc.ts";
import { callFunction } from "../http/call-function.ts";
import type { MemoriesDomain, SimilarMemory } from "./memories.ts";
import { encodeVector } from "../../shared/vector.ts";
import type { Backend } from "../http/request.ts";
import { runAgent } from "./run-agent.ts";

type Methods = Pick<
  MemoriesDomain,
  "remember" | "recall" | "forgetAll" | "consolidate" | "supersede" | "restore" | "similar"
>;

/** The methods of the domain beyond those of a repository. This file is loaded when one of them is first called. */
export function methods(backend: Backend): Methods {
  return {
    remember: (content, more, options) => callRpc(backend, "once", "remember", { ...more, content }, options),
    async recall(query, { matchCount: match_count, matchThreshold: match_threshold, asOf: as_of, ...options } = {}) {
      const body = { query, match_count, match_threshold, as_of };
      return (await callFunction<{ data: SimilarMemory[] }>(backend, "repeatable", "recall", body, options)).data;
    },
    forgetAll: (options) => callRpc(backend, "once", "forget_all", {}, options),
    consolidate: (request = {}, options) => runAgent(backend, "consolidate-memories", request, options),
    supersede: (old_id, new_id, at, options) =>
      callRpc(backend, "once", "supersede_memory", { old_id, new_id, at }, options),
    restore: (memory_id, options) => callRpc(backend, "once", "restore_memory", { memory_id }, options),
    similar(embedding, { matchCount: match_count, matchThreshold: match_threshold, asOf: as_of, ...options } = {}) {
      const args = { query_embedding: encodeVector(embedding), match_count, match_threshold, as_of };
      return callRpc(backend, "repeatable", "match_memories", args, options);
    },
  };
}
