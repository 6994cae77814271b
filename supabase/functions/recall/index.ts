import { withSupabase } from "@supabase/server";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../../src/database.ts";
import { embeddingModelByName } from "../../../src/embeddings/embedding-model-by-name.ts";
import { questionDatabase } from "../_shared/question-database.ts";
import { dataOf } from "../_shared/rpc-answer.ts";
import { createRecallHandler } from "./handler.ts";

// Made once, because it remembers the active model.
const handle = createRecallHandler({
  // Somebody waits for the answer.
  makeModel: (name) => embeddingModelByName(name, Deno.env.toObject(), { timeoutMs: 5000 }),
  log: (line) => console.error(line),
});

export default {
  fetch: withSupabase({ auth: "user" }, (request, { supabase, supabaseAdmin }) => {
    const person = supabase as SupabaseClient<Database>;
    return handle(request, {
      ...questionDatabase(person, supabaseAdmin as SupabaseClient<Database>),
      async recall({ match_count, match_threshold, as_of }, vector) {
        const answer = await person.rpc("match_memories", {
          query_embedding: vector,
          match_count,
          ...(match_threshold !== undefined && { match_threshold }),
          ...(as_of !== undefined && { as_of }),
        });
        return dataOf(answer);
      },
    });
  }),
};
