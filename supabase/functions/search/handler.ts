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
  /** One line for a fault. */
  log?: (line: string) => void;
}

const Body = z.strictObject({
  query: Query,
  match_count: z.int().min(1).max(100).default(10),
  /** Of what to search. Absent: of everything. */
  kinds: z.array(z.enum(Constants.public.Enums.search_kind)).min(1).max(20).optional(),
});

export type SearchRequest = z.infer<typeof Body>;

/** What a request of one user asks of the database. Throws `RpcError`. */
export interface SearchDatabase extends QuestionDatabase {
  /** As the user. Without a vector, by words alone. */
  search(request: SearchRequest, vector: string | null): Promise<unknown[]>;
}

/** Answers `POST /functions/v1/search`: what a user has that fits a query, by its words and by its meaning. */
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

/** The user may not spend what a vector costs. Words cost nothing. */
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
