import { withSupabase } from "@supabase/server";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../../src/database.ts";
import { jobEffects } from "../_shared/job-effects.ts";
import { organizeThoughts } from "./handler.ts";

export default {
  fetch: withSupabase({ auth: "user" }, (request, { supabase, supabaseAdmin }) => {
    const person = supabase as SupabaseClient<Database>;
    return organizeThoughts(request, jobEffects(person, supabaseAdmin as SupabaseClient<Database>));
  }),
};
