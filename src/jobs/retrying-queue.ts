import { storableMessage } from "../shared/error-text.ts";
import type { Usage } from "./agent-job.ts";
import type { Exchange, Exchanged, JobQueue, JobResult } from "./job-queue.ts";
import { QueueError } from "../shared/queue-error.ts";
import { pause } from "../shared/pause.ts";

/** The longest pause before a retry, in milliseconds: normally, and after the worker was stopped. */
const maxPauseMs = 5000;
const maxFinalPauseMs = 500;

/** The job queue as a worker uses it: a call whose error may pass is repeated, with a backoff. */
export class RetryingQueue {
  /** The time to stop retrying, in milliseconds as `Date.now()` counts. */
  giveUpAt = Infinity;
  readonly #queue: JobQueue;
  readonly #stopped: AbortSignal;
  readonly #log: (line: string) => void;

  /** @param stopped aborts when no more jobs are to be claimed; pauses are short then */
  constructor(queue: JobQueue, stopped: AbortSignal, log: (line: string) => void) {
    this.#queue = queue;
    this.#stopped = stopped;
    this.#log = log;
  }

  /** Sends results until they are settled. If the database cannot store a result, only the job of that result fails. */
  async exchange(request: Exchange): Promise<Exchanged> {
    try {
      return await this.#retry(async () => {
        if (!this.#stopped.aborted) return this.#queue.exchange(request);
        if (request.results.length === 0) return { claimed: [], refused: [], picked: 0 };
        return this.#queue.exchange({ ...request, batchSize: 0 });
      });
    } catch (error) {
      if (request.results.length === 0 || !(error instanceof QueueError && error.isAboutData)) throw error;
    }
    const { results } = request;
    const refused: Exchanged["refused"] = [];
    for (const index of results.keys()) {
      for (let isSettled = false; !isSettled;) {
        const one: Exchange = { ...request, results: [results[index]!], batchSize: 0 };
        try {
          refused.push(...(await this.#retry(() => this.#queue.exchange(one))).refused);
          isSettled = true;
        } catch (error) {
          if (!(error instanceof QueueError && error.isAboutData)) throw error;
          results[index] = this.#withoutWhatCannotBeStored(results[index]!, error);
        }
      }
    }
    return { claimed: [], refused, picked: 1 };
  }

  /** Books the usage of a job whose result came too late. */
  bookLateUsage(jobId: string, usage: Usage[]): Promise<void> {
    return this.#retry(() => this.#queue.bookLateUsage(jobId, usage));
  }

  /** Removes the output from a result; if it still cannot be stored, its usage. Throws if even that is refused. */
  #withoutWhatCannotBeStored(result: JobResult, error: QueueError): JobResult {
    const { job_id, lease_token, outcome, usage } = result;
    const isUsage = outcome !== "completed";
    if (isUsage && usage.length === 0) throw error;
    this.#log(`Job ${job_id}: its ${isUsage ? "usage" : "result"} can't be stored: ${error.code} ${error.message}`);
    if (isUsage) this.#log(`Job ${job_id}: not booked: ${JSON.stringify(usage)}`);
    return {
      job_id,
      lease_token,
      outcome: "failed",
      error_code: "worker_failed",
      error_message: storableMessage(`The result could not be stored: ${error.message}`),
      retryable: false,
      usage: isUsage ? [] : usage,
    };
  }

  /** Repeats a call while its error may pass. All these calls can be repeated safely. */
  async #retry<T>(call: () => Promise<T>): Promise<T> {
    for (let wait = 50; ; wait = Math.min(wait * 2, maxPauseMs)) {
      try {
        return await call();
      } catch (error) {
        const mayPass = error instanceof QueueError && error.isTransient;
        if (!mayPass || Date.now() > this.giveUpAt) throw error;
        if (wait > 50) this.#log(`The queue is not available: ${error.code} ${error.message}`);
        const jittered = wait * (0.5 + Math.random() / 2);
        if (this.#stopped.aborted) await pause(Math.min(jittered, maxFinalPauseMs));
        else await pause(jittered, this.#stopped);
      }
    }
  }
}
