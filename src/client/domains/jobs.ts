import type { z } from "zod";
import type { AgentType } from "../../jobs/agent-job.ts";
import type { JobTerms, NewAgentJob } from "../../jobs/new-agent-job.ts";
import type { agentInputs } from "../../agents/inputs.ts";
import type { agentOutputs } from "../../agents/outputs.ts";
import type { JsonObject } from "../../database.ts";
import type { Json } from "../../database.types.ts";
import { callRpc } from "../http/call-rpc.ts";
import { load } from "../lazy-methods.ts";
import { type Reading, reading } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { Client, Filter, Row } from "../types.ts";

/** The input of a job for this agent type. Fields with a default are optional. */
export type JobInput<Type extends AgentType> = z.input<(typeof agentInputs)[Type]>;
/** The output of a job of this agent type. Content assets are rows of their own. */
export type JobOutput<Type extends AgentType> = z.output<(typeof agentOutputs)[Type]>;

/**
 * A job. Its `agent_type` decides the types of its input and output. Costs are in US dollars. `error_message` is the
 * reason of the last failure; `waiting_for` says what a pending job waits for.
 */
export type Job<Type extends AgentType = AgentType> = {
  [Each in Type]: Omit<Row<"agent_jobs">, "agent_type" | "input_data" | "output_data"> & {
    agent_type: Each;
    input_data: JobInput<Each>;
    output_data: JobOutput<Each> | null;
  };
}[Type];

/** Columns by which jobs can be filtered. */
export type JobFilter = Filter<"agent_jobs", "status" | "agent_type" | "campaign_id" | "idempotency_key">;

/** One of several jobs that are queued together. */
export type NewJob = NewAgentJob;

/** How to watch a job. */
export interface WatchOptions extends Pick<RequestOptions, "signal"> {
  /** Milliseconds between two reads when Realtime is not available. Default 1000. */
  intervalMs?: number | undefined;
}

/** Jobs that agents do for you. */
export interface JobsDomain extends Reading<Job, JobFilter> {
  /**
   * Checks the input against the agent's schema and queues a job. A call with an `idempotency_key` can be repeated
   * safely, and is repeated when its answer is lost.
   *
   * @throws GroundworkError `validation` (GW705), `limit_exceeded` when too many of your jobs wait (GW706), `conflict`
   *   for a key that belongs to another job (GW707), `not_found` for a campaign that is not yours
   * @example
   * const terms = { idempotency_key: "pears", max_cost: 0.2 };
   * const job = await gw.jobs.enqueue("seo_writer", { topic: "Pear trees" }, terms);
   */
  enqueue<Type extends AgentType>(
    type: Type,
    input: JobInput<Type>,
    terms?: JobTerms,
    options?: RequestOptions,
  ): Promise<Job<Type>>;
  /**
   * Queues all of these jobs, or none, and returns their ids. It is repeated only if every job has an
   * `idempotency_key`.
   */
  enqueueMany(jobs: readonly NewJob[], options?: RequestOptions): Promise<string[]>;
  /** @throws GroundworkError `not_found` (GW704), `conflict` for a job that has ended (GW702) */
  cancel(id: string, options?: RequestOptions): Promise<Job>;
  /**
   * Sends a failed job back to the queue.
   *
   * @throws GroundworkError `not_found` (GW704), `conflict` for a job that did not fail (GW702)
   */
  retry(id: string, options?: RequestOptions): Promise<Job>;
  /**
   * Yields the job as it is now, then after each change, until it has ended. Uses Realtime if it is available, and
   * polling if not.
   *
   * @example for await (const { status } of gw.jobs.watch(job.id)) console.log(status); // pending, running, completed
   */
  watch(id: string, options?: WatchOptions): AsyncGenerator<Job, void, undefined>;
  /** Waits until the job has ended and returns it. */
  wait(id: string, options?: WatchOptions): Promise<Job>;
}

/** The domain `gw.jobs` alone, on an existing client. */
export function jobs(supabase: Client, settings?: RequestSettings): JobsDomain {
  const backend = { supabase, settings };
  const rows = reading<Job, JobFilter>(backend, "agent_jobs");
  return {
    ...rows,

    async enqueue<Type extends AgentType>(
      agent_type: Type,
      input: JobInput<Type>,
      terms: JobTerms = {},
      options?: RequestOptions,
    ) {
      (await load(import("./checks.ts"))).check(agent_type, input);
      const args = { ...terms, agent_type, input_data: input as JsonObject };
      const repetition = terms.idempotency_key === undefined ? "once" : "repeatable";
      const job: unknown = await callRpc(backend, repetition, "enqueue_agent_job", args, options);
      return job as Job<Type>;
    },

    async enqueueMany(many, options) {
      const { check } = await load(import("./checks.ts"));
      many.forEach(({ agent_type, input_data }, index) => check(agent_type, input_data, `jobs[${index}]`));
      const repetition = many.every(({ idempotency_key }) => idempotency_key !== undefined) ? "repeatable" : "once";
      const args = { jobs: many as unknown as Json };
      return callRpc(backend, repetition, "enqueue_agent_jobs", args, options);
    },

    cancel: (job_id, options) => step("cancel_agent_job", job_id, options),
    retry: (job_id, options) => step("retry_agent_job", job_id, options),

    watch,

    async wait(id, options) {
      let last: Job;
      for await (const job of watch(id, options)) last = job;
      return last!;
    },
  };

  async function* watch(id: string, options?: WatchOptions) {
    const { watchJob } = await load(import("./watch-job.ts"));
    yield* watchJob(supabase, () => rows.get(id, { ...options }), id, options);
  }

  async function step(name: "cancel_agent_job" | "retry_agent_job", job_id: string, options?: RequestOptions) {
    const job: unknown = await callRpc(backend, "once", name, { job_id }, options);
    return job as Job;
  }
}
