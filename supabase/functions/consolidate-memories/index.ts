import { withSupabase } from "@supabase/server";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../../src/database.ts";
import { jobEffects } from "../_shared/job-effects.ts";
import { consolidateMemories } from "./handler.ts";

export default {
  fetch: withSupabase({ auth: "user" }, (request, { supabase, supabaseAdmin }) => {
    const person = supabase as SupabaseClient<Database>;
    return consolidateMemories(request, jobEffects(person, supabaseAdmin as SupabaseClient<Database>));
  }),
};
