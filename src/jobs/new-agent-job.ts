import type { z } from "zod";
import type { AgentType } from "../agent-types.ts";
import type { agentInputs } from "../agents/inputs.ts";

/** The options of a job. */
export interface JobTerms {
  /** The campaign that pays for the job. It must be one of yours. */
  campaign_id?: string | undefined;
  /** A key of up to 200 characters that you choose. The same key is the same job, even if it is sent again. */
  idempotency_key?: string | undefined;
  /** -100 to 100. Of your own jobs, the one with the highest priority runs first. Default 0. */
  priority?: number | undefined;
  /** ISO 8601: the job does not run before this time. */
  run_after?: string | undefined;
  /** The most that all attempts together may cost, in US dollars. Default: the agent type's. */
  max_cost?: number | undefined;
  /** Attempts after the first, 0 to 20. Default 3. */
  max_retries?: number | undefined;
}

/**
 * A job to queue: the arguments of `enqueue_agent_job`.
 *
 * The input is sent as it was given, and the worker adds the defaults. Therefore the same request with the same
 * idempotency key is still the same job after a default has changed.
 */
export type NewAgentJob<Type extends AgentType = AgentType> = {
  [Each in Type]: JobTerms & { agent_type: Each; input_data: z.input<(typeof agentInputs)[Each]> };
}[Type];
