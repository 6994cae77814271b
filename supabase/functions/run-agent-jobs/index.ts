import { withSupabase } from "@supabase/server";
import type { SupabaseClient } from "@supabase/supabase-js";
import { modelFromEnvironment } from "../../../src/agents/model-from-environment.ts";
import { jobQueueOverHttp } from "../../../src/agents/job-queue-over-http.ts";
import type { Database } from "../../../src/database.ts";
import { ending } from "../_shared/ending.ts";
import { createRunAgentJobsHandler } from "./handler.ts";

export default {
  // Any secret key: cron has one of its own ("automations"), and each of them may do all that this does anyway.
  fetch: withSupabase({ auth: "secret:*" }, (request, { supabaseAdmin }) => {
    // Admin: a worker settles everyone's jobs, and the functions for that are granted to the service role alone.
    const admin = supabaseAdmin as SupabaseClient<Database>;
    const handle = createRunAgentJobsHandler({
      queue: jobQueueOverHttp(admin),
      makeModel: () => modelFromEnvironment(Deno.env.toObject()),
      ending,
      log: (line) => console.error(line),
    });
    return handle(request);
  }),
};
