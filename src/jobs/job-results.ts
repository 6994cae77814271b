import { storableMessage } from "../shared/error-text.ts";
import { AgentError, workerFailed } from "./agent-error.ts";
import type { JobResult } from "./job-queue.ts";
import type { LeasedJob } from "./leased-job.ts";

/** Makes the result of a job that is given back unfinished and has no usage. */
export function releasedResult({ lease }: LeasedJob): JobResult {
  return { ...lease, outcome: "released", usage: [] };
}

/**
 * Makes the result of a job whose agent threw an error.
 *
 * @param log is called with the reason of a fault that the user should not see
 */
export function failedResult(
  { job, lease, isAborted }: LeasedJob,
  error: unknown,
  log: (line: string) => void,
): JobResult {
  const usage = error instanceof AgentError ? error.usage : [];
  if (isAborted) return { ...lease, outcome: "released", usage };
  if (!(error instanceof AgentError) || error.code === "worker_failed") {
    log(`Job ${job.id} (${job.agent_type}): ${reasonOf(error)}`);
    const error_code = "worker_failed";
    return { ...lease, outcome: "failed", error_code, error_message: workerFailed, retryable: true, usage };
  }
  const { code, message, retryable, retryAfterSeconds } = error;
  return {
    ...lease,
    outcome: "failed",
    error_code: code,
    error_message: storableMessage(message),
    retryable,
    ...(retryAfterSeconds !== undefined && { retry_after_seconds: retryAfterSeconds }),
    usage,
  };
}

function reasonOf(error: unknown): string {
  const fault = error instanceof AgentError ? error.cause : error;
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
}

/** Makes the result that replaces one whose usage has no price. The lease is still valid, so the job needs a result. */
export function unpricedResult({ job_id, lease_token, usage }: JobResult): JobResult {
  const models = [...new Set(usage.map(({ model, kind }) => `${model} (${kind})`))].join(", ");
  return {
    job_id,
    lease_token,
    outcome: "failed",
    error_code: "unknown_price",
    error_message: `The usage of this job has no price: ${models}. Add it with set_model_price().`,
    retryable: false,
    usage: [],
  };
}
