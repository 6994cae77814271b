import type { PostgrestSingleResponse, SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Database, JsonObject } from "../database.ts";
import type { AgentType } from "./agent-job.ts";
import { agentInputs } from "../agents/inputs.ts";
import type { JobTerms } from "./job-terms.ts";

/** A job to queue. */
export interface NewAgentJob<Type extends AgentType> extends JobTerms {
  agent_type: Type;
  input_data: z.input<(typeof agentInputs)[Type]>;
}

/** JSON has no undefined, so what is undefined is not sent. */
type Arguments = Database["public"]["Functions"]["enqueue_agent_job"]["Args"];

export type QueuedAgentJob = Database["public"]["Tables"]["agent_jobs"]["Row"];

/**
 * Queues a job for the user who is signed in, after checking its input against the agent's schema, which says more than
 * the database can check.
 *
 * @throws {z.ZodError} when the agent can't work with the input; nothing was sent then
 * @returns the job, or the error of the database: GW101, GW705, GW706, GW707, or 23503 for somebody else's campaign
 * @example
 * const { data: job } = await enqueueAgentJob(client, { agent_type: "seo_writer", input_data: { topic: "Pear trees" } });
 */
export async function enqueueAgentJob<Type extends AgentType>(
  client: SupabaseClient<Database>,
  job: NewAgentJob<Type>,
): Promise<PostgrestSingleResponse<QueuedAgentJob>> {
  agentInputs[job.agent_type].parse(job.input_data);
  const { input_data, ...options }: NewAgentJob<AgentType> = job;
  // As it was given: defaults are the worker's, so that the same request stays the same under its idempotency key.
  const args = { ...options, input_data: input_data as JsonObject } as Arguments;
  return client.rpc("enqueue_agent_job", args);
}
