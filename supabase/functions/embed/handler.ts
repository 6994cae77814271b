import { STATUS_CODE } from "@std/http/status";
import { z } from "zod";
import { QueueError } from "../../../src/shared/queue-error.ts";
import type { EmbeddingModel } from "../../../src/embeddings/embedding-model.ts";
import type { EmbeddingQueue } from "../../../src/embeddings/embedding-queue.ts";
import { type ModelFault, runEmbeddingWorker } from "../../../src/embeddings/embedding-worker.ts";
import { readPost } from "../_shared/json-request.ts";
import { queueUnavailable } from "../_shared/queue-unavailable.ts";
import { errorResponse } from "../_shared/error-response.ts";

interface Effects {
  queue: EmbeddingQueue;
  /** Throws `EmbeddingError` for a model that is not configured. */
  makeModel: (name: string) => EmbeddingModel;
  /** The user whose texts are embedded. Absent: all users. */
  userId?: string;
  /** Aborts when the process is about to end. */
  shutdownSignal?: AbortSignal;
  /** Gets one line for each fault. */
  log?: (line: string) => void;
}

const Body = z.strictObject({
  /** How many texts go to the model at once. */
  batch_size: z.int().min(1).max(100).default(100),
  /** For how long texts are claimed. Texts claimed by then are still embedded, for a minute at most. */
  max_seconds: z.number().min(1).max(60).default(20),
});

/** Answers `POST /functions/v1/embed`: embeds texts that wait until none is left or the time is up. */
export function createEmbedHandler({ queue, makeModel, userId, shutdownSignal, log }: Effects) {
  return async (request: Request): Promise<Response> => {
    const post = await readPost(request, Body, {
      maxBytes: 1024,
      example: 'nothing, or {"batch_size": 100, "max_seconds": 20}',
    });
    if ("refused" in post) return post.refused;

    const { batch_size, max_seconds } = post.body;
    try {
      const { faults, ...summary } = await runEmbeddingWorker(queue, makeModel, {
        workerId: `${userId === undefined ? "embed" : "embed-own"}/${crypto.randomUUID()}`,
        batchSize: batch_size,
        deadline: Date.now() + max_seconds * 1000,
        userId,
        signal: shutdownSignal,
        log,
      });
      for (const fault of faults) log?.(`No embeddings by ${fault.model}: ${fault.error.message}`);
      const [first] = faults;
      if (first && summary.stored === 0) return modelFault(first);
      return Response.json({
        data: { ...summary, faults: faults.map(describe) },
      });
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      return queueUnavailable(error, log);
    }
  };
}

const describe = ({ model, error: { code, message } }: ModelFault) => ({ model, code, message });

/** Answers that nothing was embedded, because of a fault of the model that has to pass or to be corrected first. */
function modelFault({ model, error }: ModelFault): Response {
  const response = error.retryable
    ? errorResponse(
        STATUS_CODE.ServiceUnavailable,
        error.code,
        error.message,
        `What waits for ${model} keeps waiting; call again later.`,
      )
    : errorResponse(
        STATUS_CODE.InternalServerError,
        error.code,
        error.message,
        "Correct the secrets of the function, or choose another model.",
      );
  if (error.retryAfterMs !== undefined) {
    response.headers.set("retry-after", String(Math.ceil(error.retryAfterMs / 1000)));
  }
  return response;
}
