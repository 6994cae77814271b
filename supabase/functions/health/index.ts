import { withSupabase } from "@supabase/server";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../../src/database.types.ts";
import { createHealthHandler, type DatabaseHealth } from "./handler.ts";

export default {
  // A monitor has no account. What it learns is a version number, and that the database answers.
  fetch: withSupabase({ auth: "none" }, (request, { supabaseAdmin }) => {
    // Admin: the state of the database is for operators, so the RPC is granted to the service role alone.
    const admin = supabaseAdmin as SupabaseClient<Database>;
    const handle = createHealthHandler({
      async askDatabase(signal) {
        const { data } = await admin.rpc("backend_health").abortSignal(signal);
        return data as DatabaseHealth | null;
      },
    });
    return handle(request);
  }),
};
