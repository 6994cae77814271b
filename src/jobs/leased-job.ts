import type { ClaimedJob, Lease } from "./job-queue.ts";

/** A job for which a worker has a lease, until the queue has accepted its result. */
export class LeasedJob {
  readonly job: ClaimedJob;
  state: "waiting" | "running" | "ended" = "waiting";
  /** True if the lease was lost. The result must not be sent then. */
  isLost = false;
  isAborted = false;
  #controller: AbortController | undefined;

  constructor(job: ClaimedJob) {
    this.job = job;
  }

  /** The signal is made at the first access, because most short jobs never use it. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.isAborted) this.#controller.abort();
    return this.#controller.signal;
  }

  get lease(): Lease {
    return { job_id: this.job.id, lease_token: this.job.lease_token };
  }

  abort(): void {
    this.isAborted = true;
    this.#controller?.abort();
  }
}
