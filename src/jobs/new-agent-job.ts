import type { z } from "zod";
import type { AgentType } from "../agent-types.ts";
import type { agentInputs } from "../agents/inputs.ts";

/** How a job is to be run. */
export interface JobTerms {
  /** The campaign that pays, one of yours. */
  campaign_id?: string | undefined;
  /** Up to 200 characters of your own choice: the same key is the same job, however often it is sent. */
  idempotency_key?: string | undefined;
  /** -100 to 100; the highest of your own jobs runs first. Default 0. */
  priority?: number | undefined;
  /** ISO 8601; not before. */
  run_after?: string | undefined;
  /** US dollars for all attempts together. Default: the agent type's. */
  max_cost?: number | undefined;
  /** Attempts after the first, 0 to 20. Default 3. */
  max_retries?: number | undefined;
}

/**
 * A job to queue: the arguments of `enqueue_agent_job`.
 *
 * The input is sent as it was given, and the worker adds the defaults. So the same request stays the same job under its
 * idempotency key, even after a default has changed.
 */
export type NewAgentJob<Type extends AgentType = AgentType> = {
  [Each in Type]: JobTerms & { agent_type: Each; input_data: z.input<(typeof agentInputs)[Each]> };
}[Type];
