import { STATUS_CODE } from "@std/http/status";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../../src/database.ts";
import type { QuestionDatabase } from "../../../src/embeddings/ask-by-meaning.ts";
import { dataOf, RpcError } from "./rpc-answer.ts";

const timeoutMs = 5000;

/**
 * The database for questions of a user.
 *
 * @param admin reads the active model and books costs, which users may not do
 */
export function questionDatabase(
  userClient: SupabaseClient<Database>,
  admin: SupabaseClient<Database>,
): QuestionDatabase {
  return {
    async activeModel() {
      const models = dataOf(await admin.rpc("get_embedding_models").abortSignal(AbortSignal.timeout(timeoutMs)));
      const active = models.find(({ state }) => state === "active");
      if (active) return active.name;
      throw new RpcError(
        { code: "no_model", message: "No embedding model is active.", hint: "" },
        STATUS_CODE.ServiceUnavailable,
      );
    },

    async payer(model) {
      const answer = await userClient.rpc("embedding_payer", { model }).abortSignal(AbortSignal.timeout(timeoutMs));
      if (answer.error) throw new RpcError(answer.error, answer.status);
      return answer.data;
    },

    async book(model, usage) {
      const { error } = await admin
        .rpc("book_embeddings", { model, request_id: crypto.randomUUID(), usage: usage.map((each) => ({ ...each })) })
        .abortSignal(AbortSignal.timeout(timeoutMs));
      if (error) console.error(`Not booked: ${model} ${JSON.stringify(usage)}: ${error.code} ${error.message}`);
    },
  };
}
