import { STATUS_CODE } from "@std/http/status";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../../src/database.ts";
import type { QuestionDatabase } from "../../../src/embeddings/ask-by-meaning.ts";
import { dataOf, RpcError } from "./rpc-answer.ts";

const timeoutMs = 5000;

/**
 * What questions of a user need of the database.
 *
 * @param admin which model is active, and what users pay, is not for users to ask or to write
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
