import { withSupabase } from "@supabase/server";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../../src/database.ts";
import { embeddingModelByName } from "../../../src/embeddings/embedding-model-by-name.ts";
import { embeddingQueueOverHttp } from "../../../src/embeddings/embedding-queue-over-http.ts";
import { ending } from "../_shared/ending.ts";
import { refusal } from "../_shared/json-request.ts";
import { createEmbedHandler } from "./handler.ts";

export default {
  // Any secret key for everyone's texts, cron's among them; a person for their own.
  fetch: withSupabase({ auth: ["secret:*", "user"] }, async (request, { authMode, supabase, supabaseAdmin }) => {
    let ownerId: string | undefined;
    if (authMode === "user") {
      const { data: person } = await (supabase as SupabaseClient<Database>).from("users").select("id").maybeSingle();
      if (!person) return refusal(403, "no_person", "This account has no person.", "Call ensure_user() first.");
      ownerId = person.id;
    }
    // Admin: the functions of the queue are granted to the service role alone.
    const admin = supabaseAdmin as SupabaseClient<Database>;
    const handle = createEmbedHandler({
      queue: embeddingQueueOverHttp(admin),
      makeModel: (name) => embeddingModelByName(name, Deno.env.toObject()),
      ...(ownerId !== undefined && { ownerId }),
      ending,
      log: (line) => console.error(line),
    });
    return handle(request);
  }),
};
