import { z } from "zod";
import { Constants } from "../../../src/database.types.ts";
import { createAskByMeaning, type QuestionDatabase } from "../../../src/embeddings/ask-by-meaning.ts";
import { EmbeddingError } from "../../../src/embeddings/embedding-error.ts";
import type { EmbeddingModel } from "../../../src/embeddings/embedding-model.ts";
import { readPost } from "../_shared/json-request.ts";
import { Query } from "../_shared/query.ts";
import { RpcError } from "../_shared/rpc-answer.ts";

interface Effects {
  /** Throws `EmbeddingError` for a model that is not configured. */
  makeModel: (name: string) => EmbeddingModel;
  /** Gets one line for each fault. */
  log?: (line: string) => void;
}

const Body = z.strictObject({
  query: Query,
  match_count: z.int().min(1).max(100).default(10),
  /** The kinds of texts to search. Absent: all. */
  kinds: z.array(z.enum(Constants.public.Enums.search_kind)).min(1).max(20).optional(),
});

export type SearchRequest = z.infer<typeof Body>;

/** The database for a request of one user. Throws `RpcError`. */
export interface SearchDatabase extends QuestionDatabase {
  /** Runs with the rights of the user. Without a vector it searches by words alone. */
  search(request: SearchRequest, vector: string | null): Promise<unknown[]>;
}

/** Answers `POST /functions/v1/search`: a user's texts that fit a query by their words and by their meaning. */
export function createSearchHandler({ makeModel, log }: Effects) {
  const askByMeaning = createAskByMeaning(makeModel);

  return async (request: Request, database: SearchDatabase): Promise<Response> => {
    const post = await readPost(request, Body, { maxBytes: 32_768, example: '{"query": "…", "match_count": 10}' });
    if ("refused" in post) return post.refused;

    const { body } = post;
    try {
      const search = (vector: string) => database.search(body, vector);
      const { answer, model } = await askByMeaning(body.query, database, search);
      return Response.json({ data: answer, model });
    } catch (error) {
      if (error instanceof RpcError && error.code !== monthIsSpent) return error.toResponse();
      if (!(error instanceof EmbeddingError || error instanceof RpcError)) throw error;
      if (error instanceof EmbeddingError) log?.(`Searched by words alone: ${error.message}`);
      return searchByWords(database, body, error);
    }
  };
}

/** The user's monthly limit has no room for the vector of the query. A search by words costs nothing. */
const monthIsSpent = "GW803";

async function searchByWords(
  database: SearchDatabase,
  body: SearchRequest,
  error: EmbeddingError | RpcError,
): Promise<Response> {
  try {
    const data = await database.search(body, null);
    return Response.json({ data, model: null, degraded: `Searched by words alone (${error.code}).` });
  } catch (refused) {
    if (refused instanceof RpcError) return refused.toResponse();
    throw refused;
  }
}
