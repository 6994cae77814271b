import type { Database } from "../database.ts";
import type { Usage } from "./agent-job.ts";

/** What a worker fails with: a lease expires by itself. */
export type AgentErrorCode = Exclude<Database["public"]["Enums"]["job_error_code"], "lease_expired">;

/** What waiting mends; the rest fails again in the same way, and costs again. */
const retryableCodes: ReadonlySet<AgentErrorCode> = new Set([
  "rate_limited",
  "provider_unavailable",
  "timed_out",
  "aborted",
  "worker_failed",
]);

/** What a user reads of a fault that is the worker's own. */
export const workerFailed = "The worker failed; its log has the reason.";

interface Details extends ErrorOptions {
  usage?: Usage[];
  retryAfterSeconds?: number | undefined;
}

/** A job failed. The message is for the user whose job it is. */
export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly code: AgentErrorCode;
  /** Whether the same job may succeed later. */
  readonly retryable: boolean;
  /** How long the provider asks to be left alone, in seconds. */
  readonly retryAfterSeconds?: number;
  /** What the failed attempt used: it is billed all the same. */
  readonly usage: Usage[];

  constructor(code: AgentErrorCode, message: string, { usage = [], retryAfterSeconds, ...options }: Details = {}) {
    super(message, options);
    this.code = code;
    this.retryable = retryableCodes.has(code);
    this.usage = [...usage];
    if (retryAfterSeconds !== undefined) this.retryAfterSeconds = retryAfterSeconds;
  }
}
