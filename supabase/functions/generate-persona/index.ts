import { withSupabase } from "@supabase/server";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../../src/database.ts";
import { jobEffects } from "../_shared/job-effects.ts";
import { dataOf } from "../_shared/rpc-answer.ts";
import { generatePersona } from "./handler.ts";

export default {
  fetch: withSupabase({ auth: "user" }, (request, { supabase, supabaseAdmin }) => {
    const person = supabase as SupabaseClient<Database>;
    return generatePersona(request, {
      ...jobEffects(person, supabaseAdmin as SupabaseClient<Database>),
      hasPersona: async (id) => dataOf(await person.from("personas").select("id").eq("id", id)).length > 0,
      readPersona: async (jobId) => dataOf(await person.from("personas").select().eq("agent_job_id", jobId))[0] ?? null,
    });
  }),
};
