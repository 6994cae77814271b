import { withSupabase } from "@supabase/server";
import type { SupabaseClient } from "@supabase/supabase-js";
import { jobQueueOverHttp } from "../../../src/agents/job-queue-over-http.ts";
import { modelFromEnvironment } from "../../../src/agents/model-from-environment.ts";
import { enqueueAgentJob } from "../../../src/agents/enqueue-agent-job.ts";
import type { Database } from "../../../src/database.ts";
import { dataOf } from "../_shared/rpc-answer.ts";
import { organizeThoughts } from "./handler.ts";

/** The platform is about to end this process: whatever runs is given back. */
const ending = new AbortController();
addEventListener("beforeunload", () => ending.abort());

export default {
  fetch: withSupabase({ auth: "user" }, (request, { supabase, supabaseAdmin }) => {
    const person = supabase as SupabaseClient<Database>;
    // Admin: a worker claims and settles jobs, which is the service role's. The job is queued and read as the person.
    const admin = supabaseAdmin as SupabaseClient<Database>;
    return organizeThoughts(request, {
      enqueue: async (job) => dataOf(await enqueueAgentJob(person, job)),
      read: async (id) => dataOf(await person.from("agent_jobs").select().eq("id", id).single()),
      queue: jobQueueOverHttp(admin),
      makeModel: () => modelFromEnvironment(Deno.env.toObject()),
      ending: ending.signal,
      log: (line) => console.error(line),
    });
  }),
};
