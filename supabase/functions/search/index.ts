import { embeddingModelByName } from "../../../src/embeddings/embedding-model-by-name.ts";
import { edgeFunction } from "../_shared/edge-function.ts";
import { questionDatabase } from "../_shared/question-database.ts";
import { dataOf } from "../_shared/rpc-answer.ts";
import { createSearchHandler } from "./handler.ts";

// Made once, because it remembers the active model.
const handle = createSearchHandler({
  // The caller waits for the answer. After five seconds the search goes on by words alone.
  makeModel: (name) => embeddingModelByName(name, Deno.env.toObject(), { timeoutMs: 5000 }),
  log: (line) => console.error(line),
});

export default edgeFunction("user", (request, { userClient, admin }) =>
  handle(request, {
    ...questionDatabase(userClient, admin),
    async search({ query, match_count, kinds }, vector) {
      const answer = await userClient.rpc("search", {
        query,
        match_count,
        ...(vector !== null && { query_embedding: vector }),
        ...(kinds && { kinds }),
      });
      return dataOf(answer);
    },
  }),
);
