import type { AgentType } from "../../jobs/agent-job.ts";
import { callFunction } from "../http/call-function.ts";
import { GroundworkError } from "../http/groundwork-error.ts";
import type { JobOutput } from "./jobs.ts";
import type { Backend, RequestOptions } from "../http/request.ts";

/** How an agent that somebody waits for is to be run. */
export interface AgentTerms {
  /** US dollars. Default: the agent type's. */
  max_cost?: number | undefined;
  /** Up to 200 characters of your own choice: the same key is the same job, and gives its result again. */
  idempotency_key?: string | undefined;
}

/** The job that did it. */
export interface FinishedJob {
  id: string;
  status: "completed";
  /** US dollars. */
  cost: number;
}

interface UnfinishedJob {
  id: string;
  status: "pending" | "running";
  waiting_for: string | null;
}

/** Calls a function that queues a job, works on it at once, and answers with what it made. */
export async function runAgent<Result extends Partial<JobOutput<AgentType>>>(
  { supabase, settings }: Backend,
  name: string,
  body: AgentTerms & object,
  options: RequestOptions | undefined,
): Promise<Result & { job: FinishedJob }> {
  // Milliseconds: the function itself waits for a minute.
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
