import type { SupabaseClient } from "@supabase/supabase-js";
import { rpcData } from "../shared/queue-error.ts";
import type { Database } from "../database.ts";
import type { Json } from "../database.types.ts";
import type { ClaimedText, EmbeddingModels, EmbeddingQueue, RegisteredModel, Stored } from "./embedding-queue.ts";
import { progressOf } from "./progress-of.ts";

/** The time limit for one call of the database, in milliseconds. */
const timeoutMs = 30_000;
/** The time limit for calls that read or write whole tables. */
const longPatienceMs = 600_000;

/**
 * Makes an embedding queue that uses the API, for Edge Functions and for workers without a connection to Postgres.
 *
 * @param client a client with the secret key, because only the service role may call the functions of the queue
 * @example const queue = embeddingQueueOverHttp(createClient(url, secretKey));
 */
export function embeddingQueueOverHttp(client: SupabaseClient<Database>): EmbeddingQueue & EmbeddingModels {
  return {
    async models() {
      const answer = await client.rpc("get_embedding_models").abortSignal(AbortSignal.timeout(timeoutMs));
      return rpcData(answer) as RegisteredModel[];
    },

    async claim({ workerId, model, batchSize, leaseSeconds, userId }) {
      const answer = await client
        .rpc("claim_embeddings", {
          worker_id: workerId,
          model,
          batch_size: batchSize,
          lease_seconds: leaseSeconds,
          ...(userId !== undefined && { for_user_id: userId }),
        })
        .abortSignal(AbortSignal.timeout(timeoutMs));
      return rpcData(answer) as ClaimedText[];
    },

    async store(results) {
      const answer = await client
        .rpc("store_embeddings", { results: results as unknown as Json })
        .abortSignal(AbortSignal.timeout(timeoutMs));
      return rpcData(answer) as unknown as Stored;
    },

    async book(model, requestId, usage) {
      const answer = await client
        .rpc("book_embeddings", { model, request_id: requestId, usage: usage as unknown as Json })
        .abortSignal(AbortSignal.timeout(timeoutMs));
      rpcData(answer);
    },

    async add(name) {
      const answer = await client.rpc("add_embedding_model", { name }).abortSignal(AbortSignal.timeout(longPatienceMs));
      return rpcData(answer)!;
    },

    async switchTo(name, isForced = false) {
      const answer = await client
        .rpc("switch_embedding_model", { name, is_forced: isForced })
        .abortSignal(AbortSignal.timeout(longPatienceMs));
      rpcData(answer);
    },

    async drop(name, batchSize) {
      const answer = await client
        .rpc("drop_embedding_model", { name, batch_size: batchSize })
        .abortSignal(AbortSignal.timeout(longPatienceMs));
      return rpcData(answer)!;
    },

    async progress(name) {
      const answer = await client.rpc("embedding_health").abortSignal(AbortSignal.timeout(longPatienceMs));
      return progressOf(name, rpcData(answer)!);
    },

    async retryFailed() {
      const answer = await client.rpc("retry_failed_embeddings").abortSignal(AbortSignal.timeout(longPatienceMs));
      return rpcData(answer)!;
    },
  };
}
