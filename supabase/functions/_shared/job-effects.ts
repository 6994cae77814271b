import type { SupabaseClient } from "@supabase/supabase-js";
import type { NewAgentJob } from "../../../src/jobs/new-agent-job.ts";
import { jobQueueOverHttp } from "../../../src/jobs/job-queue-over-http.ts";
import { modelFromEnvironment } from "../../../src/agents/models/model-from-environment.ts";
import type { Database } from "../../../src/database.ts";
import { shutdownSignal } from "./shutdown-signal.ts";
import { dataOf } from "./rpc-answer.ts";

type Arguments = Database["public"]["Functions"]["enqueue_agent_job"]["Args"];

/**
 * The effects of a function that queues a job and works on it at once.
 *
 * @param userClient queues and reads jobs with the rights of the user
 * @param admin claims and settles jobs, which only the service role may do
 */
export function jobEffects(userClient: SupabaseClient<Database>, admin: SupabaseClient<Database>) {
  return {
    enqueue: async (job: NewAgentJob) => dataOf(await userClient.rpc("enqueue_agent_job", job as Arguments)),
    read: async (id: string) => dataOf(await userClient.from("agent_jobs").select().eq("id", id).single()),
    queue: jobQueueOverHttp(admin),
    makeModel: () => modelFromEnvironment(Deno.env.toObject()),
    shutdownSignal,
    log: (line: string) => console.error(line),
  };
}
