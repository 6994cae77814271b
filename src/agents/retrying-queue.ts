import { storable } from "../storable.ts";
import type { Usage } from "./agent-job.ts";
import type { Exchange, Exchanged, JobQueue, JobResult } from "./job-queue.ts";
import { QueueError } from "../queue/queue-error.ts";
import { pause } from "../queue/pause.ts";

/** Between two tries of a call that fails, in milliseconds; and once the worker is to stop. */
const longestPauseMs = 5000;
const longestLastPauseMs = 500;

/** The queue of a worker, whose calls are repeated as long as their fault may pass. */
export class PatientQueue {
  /** When to stop repeating, in milliseconds as `Date.now()` counts. */
  giveUpAt = Infinity;
  readonly #queue: JobQueue;
  readonly #stopped: AbortSignal;
  readonly #say: (line: string) => void;

  /** @param stopped says that nothing is to be claimed any more, and that pauses are to be short */
  constructor(queue: JobQueue, stopped: AbortSignal, say: (line: string) => void) {
    this.#queue = queue;
    this.#stopped = stopped;
    this.#say = say;
  }

  /** Sends results until they are settled. What the database can't store becomes a failure of its job alone. */
  async exchange(request: Exchange): Promise<Exchanged> {
    try {
      return await this.#insist(async () => {
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
          refused.push(...(await this.#insist(() => this.#queue.exchange(one))).refused);
          isSettled = true;
        } catch (error) {
          if (!(error instanceof QueueError && error.isAboutData)) throw error;
          results[index] = this.#withoutWhatCannotBeStored(results[index]!, error);
        }
      }
    }
    return { claimed: [], refused, picked: 1 };
  }

  /** Books what a job used whose result came too late. */
  bookLateUsage(jobId: string, usage: Usage[]): Promise<void> {
    return this.#insist(() => this.#queue.bookLateUsage(jobId, usage));
  }

  /** First the output is given up, then the usage. Throws when even that is refused. */
  #withoutWhatCannotBeStored(result: JobResult, error: QueueError): JobResult {
    const { job_id, lease_token, outcome, usage } = result;
    const isUsage = outcome !== "completed";
    if (isUsage && usage.length === 0) throw error;
    this.#say(`Job ${job_id}: its ${isUsage ? "usage" : "result"} can't be stored: ${error.code} ${error.message}`);
    if (isUsage) this.#say(`Job ${job_id}: not booked: ${JSON.stringify(usage)}`);
    return {
      job_id,
      lease_token,
      outcome: "failed",
      error_code: "worker_failed",
      error_message: storable(`The result could not be stored: ${error.message}`),
      retryable: false,
      usage: isUsage ? [] : usage,
    };
  }

  /** Repeats a call as long as its fault may pass: after each of them the same is right to be sent again. */
  async #insist<T>(call: () => Promise<T>): Promise<T> {
    for (let wait = 50; ; wait = Math.min(wait * 2, longestPauseMs)) {
      try {
        return await call();
      } catch (error) {
        const mayPass = error instanceof QueueError && error.isTransient;
        if (!mayPass || Date.now() > this.giveUpAt) throw error;
        if (wait > 50) this.#say(`The queue is not available: ${error.code} ${error.message}`);
        const jittered = wait * (0.5 + Math.random() / 2);
        if (this.#stopped.aborted) await pause(Math.min(jittered, longestLastPauseMs));
        else await pause(jittered, this.#stopped);
      }
    }
  }
}
