import { STATUS_CODE } from "@std/http/status";
import { z } from "zod";
import { createAskByMeaning, type QuestionDatabase } from "../../../src/embeddings/ask-by-meaning.ts";
import { EmbeddingError } from "../../../src/embeddings/embedding-error.ts";
import type { EmbeddingModel } from "../../../src/embeddings/embedding-model.ts";
import { readPost } from "../_shared/json-request.ts";
import { errorResponse } from "../_shared/error-response.ts";
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
  /** The least similarity. Absent: any. */
  match_threshold: z.number().min(-1).max(1).optional(),
  /** The time at which the memories were true. Absent: now. */
  as_of: z.iso.datetime({ offset: true }).optional(),
});

export type RecallRequest = z.infer<typeof Body>;

/** The database for a request of one user. Throws `RpcError`. */
export interface RecallDatabase extends QuestionDatabase {
  /** Runs with the rights of the user. */
  recall(request: RecallRequest, vector: string): Promise<unknown[]>;
}

/** Answers `POST /functions/v1/recall`: the memories about a query that were true at a time. */
export function createRecallHandler({ makeModel, log }: Effects) {
  const askByMeaning = createAskByMeaning(makeModel);

  return async (request: Request, database: RecallDatabase): Promise<Response> => {
    const post = await readPost(request, Body, {
      maxBytes: 32_768,
      example: '{"query": "…", "match_count": 10, "as_of": "2026-01-31T12:00:00Z"}',
    });
    if ("refused" in post) return post.refused;

    const { body } = post;
    try {
      const recall = (vector: string) => database.recall(body, vector);
      const { answer, model } = await askByMeaning(body.query, database, recall);
      return Response.json({ data: answer, model });
    } catch (error) {
      if (error instanceof RpcError) return error.toResponse();
      if (!(error instanceof EmbeddingError)) throw error;
      log?.(`Nothing recalled: ${error.message}`);
      return errorResponse(
        STATUS_CODE.ServiceUnavailable,
        error.code,
        "The embedding model does not answer.",
        "Call again later, or search by words.",
      );
    }
  };
}
