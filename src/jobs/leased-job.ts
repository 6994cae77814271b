import type { ClaimedJob, Lease } from "./job-queue.ts";

/** A job that a worker holds by a lease, until the queue has taken its result. */
export class LeasedJob {
  readonly job: ClaimedJob;
  state: "waiting" | "running" | "ended" = "waiting";
  /** The job is somebody else's now: its result must not be sent. */
  isLost = false;
  isAborted = false;
  #controller: AbortController | undefined;

  constructor(job: ClaimedJob) {
    this.job = job;
  }

  /** Made when it is asked for, because most short jobs never do. */
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
