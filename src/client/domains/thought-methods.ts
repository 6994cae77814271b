import { callRpc } from "../http/call-rpc.ts";
import { creating } from "../http/repository.ts";
import { encodeVector } from "../../shared/vector.ts";
import type { Backend } from "../http/request.ts";
import { runAgent } from "./run-agent.ts";
import type { ThoughtRelationship, ThoughtsDomain } from "./thoughts.ts";

type Methods = Pick<ThoughtsDomain, "organize" | "related" | "relate" | "similar">;

/** The methods of the domain beyond those of a repository. This file is loaded when one of them is first called. */
export function methods(backend: Backend): Methods {
  return {
    organize: (request = {}, options) => runAgent(backend, "organize-thoughts", request, options),
    related: (thought_id, { matchCount: match_count, ...options } = {}) =>
      callRpc(backend, "repeatable", "related_thoughts", { thought_id, match_count }, options),
    relate: (from_thought_id, to_thought_id, more, options) =>
      creating<ThoughtRelationship, object>(backend, "thought_relationships").create(
        { ...more, from_thought_id, to_thought_id },
        options,
      ),
    similar(
      embedding,
      { matchCount: match_count, matchThreshold: match_threshold, circleId: in_circle_id, ...options } = {},
    ) {
      const args = { query_embedding: encodeVector(embedding), match_count, match_threshold, in_circle_id };
      return callRpc(backend, "repeatable", "match_thoughts", args, options);
    },
  };
}
