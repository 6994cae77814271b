import type { AgentType, JobOutcome, Usage } from "./agent-job.ts";
import { BatchPolicy, type Load } from "./batch-policy.ts";
import type { ClaimedJob, Exchanged, JobQueue, JobResult } from "./job-queue.ts";
import { failedResult, releasedResult, unpricedResult } from "./job-results.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import type { LeasedJob } from "./leased-job.ts";
import { RetryingQueue } from "./retrying-queue.ts";
import { pause } from "../shared/pause.ts";

/** Runs one job. The signal aborts when the job's lease is lost, or when the worker has no more time. */
export type JobRunner = (job: ClaimedJob, lease: { readonly signal: AbortSignal }) => Promise<JobOutcome>;

export interface JobWorkerOptions {
  /** The worker's name in the queue. Each worker needs another name. */
  workerId: string;
  /** How many jobs run at the same time. Default 5. */
  concurrency?: number | undefined;
  /** The most jobs that one call claims. Default: `concurrency`. */
  batchSize?: number | undefined;
  /** How many calls may be in progress at the same time, each with its batch. Default 1. */
  exchanges?: number | undefined;
  /** How long a lease lasts without a heartbeat, in seconds. There are three heartbeats in this time. Default 60. */
  leaseSeconds?: number | undefined;
  /** The agent types whose jobs are claimed. Default: all. */
  agentTypes?: AgentType[] | undefined;
  /** The time to stop claiming, in milliseconds as `Date.now()` counts. Default: no limit. */
  deadline?: number | undefined;
  /** How long running jobs may continue after claiming has stopped, in milliseconds. Default 20,000. */
  graceMs?: number | undefined;
  /** Aborts to stop claiming. */
  stop?: AbortSignal | undefined;
  /** Aborts to stop claiming and give all jobs back at once. */
  abandon?: AbortSignal | undefined;
  /**
   * Resolves when an empty queue may have jobs again, or when the signal aborts. If absent, the worker ends when the
   * queue is empty and no job runs.
   */
  waitForJobs?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Called for every result that the queue has accepted, or refused with a code. */
  onResult?: ((job: ClaimedJob, result: JobResult, refusal: string | undefined) => void) | undefined;
  /** Called with one line for a fault that belongs to no job, or that the job's user should not see. */
  log?: ((line: string) => void) | undefined;
}

/** How many attempts and jobs ended in each way. */
export interface JobWorkerSummary {
  completed: number;
  /** Failed attempts. Some of the jobs will be tried again. */
  failed: number;
  /** Jobs that were given back unfinished. */
  released: number;
  /** Results that came too late: the job was cancelled, or its lease had expired. */
  refused: number;
}

/**
 * Runs a worker on the job queue: it claims jobs, runs several at once, and sends results together with the next claim.
 *
 * Every claimed job ends in one of three ways: its result is in the database; it was given back; or its lease was lost.
 * In the last case the result is refused, and its usage is booked all the same.
 *
 * @returns the summary, when the queue is empty or the worker was stopped, and no job runs any more
 * @throws {QueueError} when the database refuses the worker for good, or is not available for longer than the worker
 *   may wait
 * @example
 * const summary = await runJobWorker(queue, jobRunner(queue, model), { workerId: "nightly", concurrency: 10 });
 */
export function runJobWorker(queue: JobQueue, run: JobRunner, options: JobWorkerOptions): Promise<JobWorkerSummary> {
  return new JobWorker(queue, run, options).work();
}

/** The most results in one call. It keeps the transaction small. */
const maxResults = 500;
/** How long an aborted job may take to report its usage, in milliseconds. */
const abortGraceMs = 1000;
/** How long a worker that stops tries to send its last results, in milliseconds. */
const finalRetriesMs = 2000;
/** The pause between two claims from an empty queue while jobs still run, in milliseconds. */
const pollIntervalMs = 1000;

class JobWorker {
  readonly #queue: RetryingQueue;
  readonly #run: JobRunner;
  readonly #options: JobWorkerOptions;
  readonly #concurrency: number;
  readonly #leaseSeconds: number;
  readonly #graceMs: number;
  readonly #policy: BatchPolicy;
  readonly #leases: LeaseKeeper;

  readonly #summary: JobWorkerSummary = { completed: 0, failed: 0, released: 0, refused: 0 };
  readonly #end = Promise.withResolvers<JobWorkerSummary>();
  readonly #stopped = new AbortController();
  /** Claimed jobs that have not started. The next one is at `#next`. */
  #waiting: LeasedJob[] = [];
  #next = 0;
  #running = 0;
  #results: JobResult[] = [];
  #lateBookings = 0;
  #isWaiting = false;
  #isOver = false;

  #callTimer: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #grace: ReturnType<typeof setTimeout> | undefined;
  readonly #onStop = () => this.#stop();
  readonly #onAbandon = () => this.#abandon();

  constructor(queue: JobQueue, run: JobRunner, options: JobWorkerOptions) {
    const { concurrency = 5, batchSize = concurrency, exchanges = 1, leaseSeconds = 60, graceMs = 20_000 } = options;
    const log = (line: string) => this.#log(line);
    const stopped = this.#stopped.signal;
    this.#queue = new RetryingQueue(queue, stopped, log);
    this.#run = run;
    this.#options = options;
    this.#concurrency = concurrency;
    this.#leaseSeconds = leaseSeconds;
    this.#graceMs = graceMs;
    this.#policy = new BatchPolicy({ concurrency, batchSize, maxCalls: exchanges, stopped });
    this.#leases = new LeaseKeeper(queue, { leaseSeconds, onLost: (leased) => this.#lost(leased), log });
  }

  work(): Promise<JobWorkerSummary> {
    const { deadline, stop, abandon } = this.#options;
    this.#leases.start();
    if (deadline !== undefined) this.#deadline = setTimeout(this.#onStop, Math.max(0, deadline - Date.now()));
    stop?.addEventListener("abort", this.#onStop);
    abandon?.addEventListener("abort", this.#onAbandon);
    if (stop?.aborted || abandon?.aborted) this.#stop();
    this.#advance();
    return this.#end.promise;
  }

  get #isStopping(): boolean {
    return this.#stopped.signal.aborted;
  }

  get #load(): Load {
    return { open: this.#waiting.length - this.#next + this.#running, results: this.#results.length };
  }

  /** Makes the calls that are useful now. It is called after every change. */
  #advance(): void {
    if (this.#isOver) return;
    while (this.#policy.isWorthACall(this.#load)) void this.#exchange();
    const { open, results } = this.#load;
    if (!this.#policy.isIdle || open > 0 || this.#lateBookings > 0) return this.#callSoon();
    if (results > 0 || !(this.#isStopping || (this.#policy.isEmpty && !this.#options.waitForJobs))) return;
    this.#finish();
    this.#end.resolve(this.#summary);
  }

  #callSoon(): void {
    if (this.#callTimer !== undefined || !this.#policy.isWorthACallSoon(this.#load)) return;
    this.#callTimer = setTimeout(() => {
      this.#callTimer = undefined;
      if (!this.#isOver && this.#policy.canCall) void this.#exchange();
    }, 0);
  }

  async #exchange(): Promise<void> {
    clearTimeout(this.#callTimer);
    this.#callTimer = undefined;
    const results = this.#results.splice(0, maxResults);
    const call = this.#policy.begin({ open: this.#load.open, results: results.length });
    try {
      const { workerId, agentTypes } = this.#options;
      const { batchSize } = call;
      const leaseSeconds = this.#leaseSeconds;
      const answer = await this.#queue.exchange({ workerId, results, batchSize, leaseSeconds, agentTypes });
      // Settles before the new jobs are added: a job whose lease had expired may be among the new ones.
      this.#settle(results, answer.refused);
      this.#policy.answered(call, answer);
      this.#accept(answer.claimed);
    } catch (error) {
      for (const result of results) this.#logUnbooked(result);
      this.#fail(error);
    } finally {
      this.#policy.end(call);
    }
    if (this.#policy.isEmpty) this.#wait();
    this.#advance();
  }

  #settle(results: JobResult[], refused: Exchanged["refused"]): void {
    const refusals = refused.length > 0 ? new Map(refused.map(({ job_id, code }) => [job_id, code])) : undefined;
    for (const result of results) {
      const refusal = refusals?.get(result.job_id);
      if (refusal === "GW801") {
        // The usage cannot be booked before there is a price.
        this.#log(`Job ${result.job_id}: GW801, not booked: ${JSON.stringify(result.usage)}`);
        this.#results.push(unpricedResult(result));
        continue;
      }
      const leased = this.#leases.remove(result);
      this.#summary[refusal === undefined ? result.outcome : "refused"] += 1;
      if (refusal !== undefined) this.#bookLate(result.job_id, result.usage);
      if (leased) this.#options.onResult?.(leased.job, result, refusal);
    }
  }

  #accept(claimed: ClaimedJob[]): void {
    for (const job of claimed) {
      const leased = this.#leases.add(job);
      if (this.#isStopping) this.#release(leased);
      else this.#waiting.push(leased);
    }
    this.#startMore();
  }

  #startMore(): void {
    if (this.#isOver) return;
    while (this.#running < this.#concurrency && this.#next < this.#waiting.length) {
      const leased = this.#waiting[this.#next]!;
      this.#next += 1;
      if (!leased.isLost) this.#start(leased);
    }
    if (this.#next < this.#waiting.length) return;
    this.#waiting = [];
    this.#next = 0;
  }

  #start(leased: LeasedJob): void {
    leased.state = "running";
    this.#running += 1;
    this.#run(leased.job, leased)
      .then(
        (outcome): JobResult => ({ ...leased.lease, outcome: "completed", ...outcome }),
        (error: unknown) => failedResult(leased, error, (line) => this.#log(line)),
      )
      .then((result) => this.#ended(leased, result));
  }

  #ended(leased: LeasedJob, result: JobResult): void {
    if (leased.state === "running") this.#running -= 1;
    leased.state = "ended";
    if (this.#isOver) this.#logUnbooked(result);
    else if (leased.isLost) this.#bookLate(leased.job.id, result.usage);
    else this.#results.push(result);
    this.#startMore();
    this.#advance();
  }

  #release(leased: LeasedJob): void {
    leased.state = "ended";
    this.#results.push(releasedResult(leased));
  }

  #lost(leased: LeasedJob): void {
    this.#summary.refused += 1;
    this.#options.onResult?.(leased.job, releasedResult(leased), "GW703");
  }

  /** Also called if the usage is empty: it releases the reservation of a cancelled job. */
  #bookLate(jobId: string, usage: Usage[]): void {
    this.#lateBookings += 1;
    this.#queue
      .bookLateUsage(jobId, usage)
      .catch((error: Error) => {
        this.#log(`Job ${jobId}: ${error.message}`);
        this.#logUnbooked({ job_id: jobId, usage });
      })
      .finally(() => {
        this.#lateBookings -= 1;
        this.#advance();
      });
  }

  /**
   * Plans the next call of an empty queue: when there may be new jobs, or after a pause while the worker has jobs or
   * results.
   */
  #wait(): void {
    if (this.#isWaiting || this.#isStopping || this.#isOver) return;
    const { waitForJobs } = this.#options;
    if (!waitForJobs && this.#load.open === 0) return;
    this.#isWaiting = true;
    const waited = waitForJobs ? waitForJobs(this.#stopped.signal) : pause(pollIntervalMs, this.#stopped.signal);
    waited
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#isWaiting = false;
        this.#policy.isEmpty = false;
        this.#advance();
      });
  }

  #stop(): void {
    if (this.#isStopping || this.#isOver) return;
    this.#stopped.abort();
    this.#queue.giveUpAt = Date.now() + this.#graceMs + finalRetriesMs;
    for (const leased of this.#waiting.slice(this.#next)) if (!leased.isLost) this.#release(leased);
    this.#waiting = [];
    this.#next = 0;
    this.#grace = setTimeout(this.#onAbandon, this.#options.abandon?.aborted ? 0 : this.#graceMs);
    this.#advance();
  }

  #abandon(): void {
    if (this.#isOver) return;
    this.#stop();
    clearTimeout(this.#grace);
    for (const leased of this.#leases.running) leased.abort();
    this.#grace = setTimeout(() => this.#releaseRunning(), abortGraceMs);
  }

  /** Gives back the jobs that did not end although they were aborted. */
  #releaseRunning(): void {
    for (const leased of this.#leases.running) {
      this.#running -= 1;
      this.#release(leased);
      leased.isLost = true;
    }
    this.#advance();
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#finish();
    for (const result of this.#results) this.#logUnbooked(result);
    for (const leased of this.#leases.running) leased.abort();
    this.#end.reject(error);
  }

  /** Logs usage that no call will book any more, so that the operator can book it. */
  #logUnbooked({ job_id, usage }: Pick<JobResult, "job_id" | "usage">): void {
    if (usage.length > 0) this.#log(`Job ${job_id}: not booked: ${JSON.stringify(usage)}`);
  }

  #finish(): void {
    this.#isOver = true;
    this.#queue.giveUpAt = 0;
    this.#stopped.abort();
    this.#leases.stop();
    for (const timer of [this.#callTimer, this.#deadline, this.#grace]) clearTimeout(timer);
    this.#options.stop?.removeEventListener("abort", this.#onStop);
    this.#options.abandon?.removeEventListener("abort", this.#onAbandon);
  }

  #log(line: string): void {
    this.#options.log?.(line);
  }
}
