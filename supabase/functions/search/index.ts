import { withSupabase } from "@supabase/server";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../../src/database.ts";
import { embeddingModelByName } from "../../../src/embeddings/embedding-model-by-name.ts";
import { questionDatabase } from "../_shared/question-database.ts";
import { dataOf } from "../_shared/rpc-answer.ts";
import { createSearchHandler } from "./handler.ts";

// Made once, because it remembers the active model.
const handle = createSearchHandler({
  // Somebody waits for the answer: rather by words alone than late.
  makeModel: (name) => embeddingModelByName(name, Deno.env.toObject(), { timeoutMs: 5000 }),
  log: (line) => console.error(line),
});

export default {
  fetch: withSupabase({ auth: "user" }, (request, { supabase, supabaseAdmin }) => {
    const person = supabase as SupabaseClient<Database>;
    return handle(request, {
      ...questionDatabase(person, supabaseAdmin as SupabaseClient<Database>),
      async search({ query, match_count, kinds }, vector) {
        const answer = await person.rpc("search", {
          query,
          match_count,
          ...(vector !== null && { query_embedding: vector }),
          ...(kinds && { kinds }),
        });
        return dataOf(answer);
      },
    });
  }),
};
