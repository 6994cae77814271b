import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../../src/database.ts";
import { dataOf } from "./rpc-answer.ts";

/** The name of the model whose vectors searches compare. */
export async function activeModel(admin: SupabaseClient<Database>): Promise<string> {
  const models = dataOf(await admin.rpc("get_embedding_models").abortSignal(AbortSignal.timeout(5000)));
  return models.find(({ state }) => state === "active")!.name;
}
