import type { Database } from "../database.ts";
import type { Usage } from "./agent-job.ts";

/** The error codes of a worker. `lease_expired` is missing, because no worker reports it. */
export type AgentErrorCode = Exclude<Database["public"]["Enums"]["job_error_code"], "lease_expired">;

/** Errors after which the same job may succeed later. The others would fail again in the same way, and cost again. */
const retryableCodes: ReadonlySet<AgentErrorCode> = new Set([
  "rate_limited",
  "provider_unavailable",
  "timed_out",
  "aborted",
  "worker_failed",
]);

/** The error message of a job for a fault of the worker itself. */
export const workerFailed = "The worker failed; its log has the reason.";

interface Details extends ErrorOptions {
  usage?: Usage[];
  retryAfterSeconds?: number | undefined;
}

/** The failure of a job. The message is for the job's user. */
export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly code: AgentErrorCode;
  /** True if the same job may succeed later. */
  readonly retryable: boolean;
  /** How long the provider asks to wait, in seconds. */
  readonly retryAfterSeconds?: number;
  /** The usage of the failed attempt, which is billed too. */
  readonly usage: Usage[];

  constructor(code: AgentErrorCode, message: string, { usage = [], retryAfterSeconds, ...options }: Details = {}) {
    super(message, options);
    this.code = code;
    this.retryable = retryableCodes.has(code);
    this.usage = [...usage];
    if (retryAfterSeconds !== undefined) this.retryAfterSeconds = retryAfterSeconds;
  }
}
