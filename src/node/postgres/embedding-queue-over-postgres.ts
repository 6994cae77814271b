import type postgres from "postgres";
import type {
  ClaimedText,
  EmbeddingModels,
  EmbeddingQueue,
  RegisteredModel,
  Stored,
} from "../../embeddings/embedding-queue.ts";
import { progressOf } from "../../embeddings/progress-of.ts";
import { queryRows } from "./query-rows.ts";

/**
 * Makes an embedding queue that uses a connection to Postgres.
 *
 * @param sql a connection with a role that may use the queue: `service_role`, or the owner of the schema
 * @example const queue = embeddingQueueOverPostgres(postgres(process.env.DATABASE_URL));
 */
export function embeddingQueueOverPostgres(sql: postgres.Sql): EmbeddingQueue & EmbeddingModels {
  return {
    async models() {
      return queryRows(sql<RegisteredModel[]>`select name, state from public.get_embedding_models()`);
    },

    async claim({ workerId, model, batchSize, leaseSeconds, userId = null! }) {
      // The rows are read as JSON, in which ids are numbers. The driver returns a bigint as text.
      const rows = await queryRows(
        sql<{ claimed: ClaimedText }[]>`
          select to_jsonb(claimed) as claimed
          from public.claim_embeddings(${workerId}, ${batchSize}, ${leaseSeconds}, ${model}, ${userId}) as claimed
        `,
      );
      return rows.map(({ claimed }) => claimed);
    },

    async store(results) {
      const json = sql.json(results as unknown as postgres.JSONValue);
      const [row] = await queryRows(sql<{ answer: Stored }[]>`select public.store_embeddings(${json}) as answer`);
      return row!.answer;
    },

    async book(model, requestId, usage) {
      const json = sql.json(usage as unknown as postgres.JSONValue);
      await queryRows(sql`select public.book_embeddings(${model}, ${requestId}, ${json})`);
    },

    async add(name) {
      const [row] = await queryRows(sql<{ queued: string }[]>`select public.add_embedding_model(${name}) as queued`);
      return Number(row!.queued);
    },

    async switchTo(name, isForced = false) {
      await queryRows(sql`select public.switch_embedding_model(${name}, ${isForced})`);
    },

    async drop(name, batchSize) {
      const [row] = await queryRows(
        sql<{ dropped: string }[]>`select public.drop_embedding_model(${name}, ${batchSize}) as dropped`,
      );
      return Number(row!.dropped);
    },

    async progress(name) {
      const health = await queryRows(
        sql.begin(async (transaction) => {
          // For any other role than the service role, the function counts only the user's own texts.
          await transaction`set local role service_role`;
          return transaction<{ row: Parameters<typeof progressOf>[1][number] }[]>`
            select to_jsonb(health) as row from public.embedding_health() as health
          `;
        }),
      );
      return progressOf(
        name,
        health.map(({ row }) => row),
      );
    },

    async retryFailed() {
      const [row] = await queryRows(sql<{ retried: string }[]>`select public.retry_failed_embeddings() as retried`);
      return Number(row!.retried);
    },
  };
}
