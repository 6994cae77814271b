import type { AgentType } from "../../jobs/agent-job.ts";
import { callFunction } from "../http/call-function.ts";
import { GroundworkError } from "../http/groundwork-error.ts";
import type { JobOutput } from "./jobs.ts";
import type { Backend, RequestOptions } from "../http/request.ts";

/** How to run an agent whose result is waited for. */
export interface AgentTerms {
  /** The most that the job may cost, in US dollars. Default: the agent type's. */
  max_cost?: number | undefined;
  /** A key of up to 200 characters that you choose. The same key is the same job, and returns its result again. */
  idempotency_key?: string | undefined;
}

/** The job that made the result. */
export interface FinishedJob {
  id: string;
  status: "completed";
  /** In US dollars. */
  cost: number;
}

interface UnfinishedJob {
  id: string;
  status: "pending" | "running";
  waiting_for: string | null;
}

/** Calls an Edge Function that queues a job, works on it at once and returns its output. */
export async function runAgent<Result extends Partial<JobOutput<AgentType>>>(
  { supabase, settings }: Backend,
  name: string,
  body: AgentTerms & object,
  options: RequestOptions | undefined,
): Promise<Result & { job: FinishedJob }> {
  // In milliseconds. The Edge Function itself waits for a minute.
  const backend = { supabase, settings: { timeoutMs: 90_000, ...settings } };
  const repetition = body.idempotency_key === undefined ? "once" : "repeatable";
  type Body = { data: Result & { job: FinishedJob | UnfinishedJob } };
  const { data } = await callFunction<Body>(backend, repetition, name, body, options);
  const { job } = data;
  if (job.status === "completed") return { ...data, job };
  const { id, waiting_for } = job;
  const hint = `Use gw.jobs.wait("${id}").`;
  throw waiting_for
    ? new GroundworkError("limit_exceeded", `The job waits: ${waiting_for}.`, { details: id, hint })
    : new GroundworkError("timeout", "The job is not done yet.", { details: id, hint });
}
