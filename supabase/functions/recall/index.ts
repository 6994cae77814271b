import { embeddingModelByName } from "../../../src/embeddings/embedding-model-by-name.ts";
import { edgeFunction } from "../_shared/edge-function.ts";
import { questionDatabase } from "../_shared/question-database.ts";
import { dataOf } from "../_shared/rpc-answer.ts";
import { createRecallHandler } from "./handler.ts";

// Made once, because it remembers the active model.
const handle = createRecallHandler({
  // The caller waits for the answer, so the model gets five seconds.
  makeModel: (name) => embeddingModelByName(name, Deno.env.toObject(), { timeoutMs: 5000 }),
  log: (line) => console.error(line),
});

export default edgeFunction("user", (request, { userClient, admin }) =>
  handle(request, {
    ...questionDatabase(userClient, admin),
    async recall({ match_count, match_threshold, as_of }, vector) {
      const answer = await userClient.rpc("match_memories", {
        query_embedding: vector,
        match_count,
        ...(match_threshold !== undefined && { match_threshold }),
        ...(as_of !== undefined && { as_of }),
      });
      return dataOf(answer);
    },
  }),
);
