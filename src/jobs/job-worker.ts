import { storableMessage } from "../shared/error-text.ts";
import { AgentError, workerFailed } from "./agent-error.ts";
import type { AgentType, JobOutcome, Usage } from "./agent-job.ts";
import { LeasedJob } from "./leased-job.ts";
import type { ClaimedJob, Exchanged, JobQueue, JobResult } from "./job-queue.ts";
import { RetryingQueue } from "./retrying-queue.ts";
import { pause } from "../shared/pause.ts";

/** Does one job. The signal aborts when the job is no longer the worker's, or the worker has no more time. */
export type JobRunner = (job: ClaimedJob, lease: { readonly signal: AbortSignal }) => Promise<JobOutcome>;

export interface JobWorkerOptions {
  /** Names the worker in the queue; anything that no other worker has. */
  workerId: string;
  /** How many jobs run at once. Default 5. */
  concurrency?: number | undefined;
  /** How many jobs one call claims at most. Default: as many as run at once. */
  batchSize?: number | undefined;
  /** How many calls may be under way at once, each with its batch. Default 1. */
  exchanges?: number | undefined;
  /** How long a job stays the worker's without a heartbeat, which comes three times as often. Default 60. */
  leaseSeconds?: number | undefined;
  /** Which jobs to claim. Default: all. */
  agentTypes?: AgentType[] | undefined;
  /** When to stop claiming, in milliseconds as `Date.now()` counts. Default: when the queue is empty. */
  deadline?: number | undefined;
  /** How long what runs may go on once claiming has stopped, in milliseconds. Default 20,000. */
  graceMs?: number | undefined;
  /** Stops claiming. */
  stop?: AbortSignal | undefined;
  /** Stops claiming, and gives everything back at once. */
  abandon?: AbortSignal | undefined;
  /** Settles when it is worth asking an empty queue again, or the signal aborts. Without it, empty and idle is the end. */
  waitForJobs?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Called for every result that the queue took, or refused with a code. */
  onResult?: ((job: ClaimedJob, result: JobResult, refusal: string | undefined) => void) | undefined;
  /** One line for a fault that is no job's, or that its user should not read. */
  log?: ((line: string) => void) | undefined;
}

/** How many attempts and jobs ended in which way. */
export interface JobWorkerSummary {
  completed: number;
  /** Failed attempts: some of the jobs are tried again later. */
  failed: number;
  /** Given back unfinished. */
  released: number;
  /** Results that came too late: the job was cancelled, or its lease had expired. */
  refused: number;
}

/**
 * Works on the queue: claims jobs, runs several at once, and sends the results along with the next claim.
 *
 * Every job that it claims ends in one of three ways: its result is in the database, it is given back, or its lease was
 * lost, which refuses the result and books its usage all the same.
 *
 * @returns the summary, once the queue is empty or the worker was to stop, and nothing runs any more
 * @throws {QueueError} when the database refuses the worker for good, or is away longer than it may wait
 * @example const summary = await runJobWorker(queue, jobRunner(queue, model), { workerId: "nightly", concurrency: 10 });
 */
export function runJobWorker(queue: JobQueue, run: JobRunner, options: JobWorkerOptions): Promise<JobWorkerSummary> {
  return new JobWorker(queue, run, options).work();
}

/** One call carries no more results than this, so that it stays a small transaction. */
const maxResults = 500;
/** How long an aborted job may take to say what it used, in milliseconds. */
const abortGraceMs = 1000;
/** How long a worker that is to stop tries to hand over its last results, in milliseconds. */
const finalRetriesMs = 2000;
/** How often an empty queue is asked while jobs still run, in milliseconds. */
const pollIntervalMs = 1000;

class JobWorker {
  readonly #queue: JobQueue;
  readonly #retryingQueue: RetryingQueue;
  readonly #run: JobRunner;
  readonly #options: JobWorkerOptions;
  readonly #concurrency: number;
  readonly #batchSize: number;
  readonly #exchanges: number;
  readonly #leaseSeconds: number;
  readonly #graceMs: number;
  /** The most jobs that are claimed and have no result yet. */
  readonly #maxOpen: number;

  readonly #summary: JobWorkerSummary = { completed: 0, failed: 0, released: 0, refused: 0 };
  readonly #end = Promise.withResolvers<JobWorkerSummary>();
  readonly #stopped = new AbortController();
  /** All whose result the queue has not taken yet, by job id. */
  readonly #leased = new Map<string, LeasedJob>();
  /** Those that wait for a turn, from `#next` on. */
  #waiting: LeasedJob[] = [];
  #next = 0;
  #running = 0;
  #results: JobResult[] = [];

  #inFlight = 0;
  /** Jobs that calls under way may bring. */
  #requested = 0;
  /** Calls that settled something, which may have made other jobs ready. */
  #settlements = 0;
  #isEmpty = false;
  /** The last call brought as many jobs as it asked for. */
  #isPlenty = false;
  #isWaiting = false;
  #isSendingHeartbeat = false;
  #lateBookings = 0;
  #isOver = false;

  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #callTimer: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #grace: ReturnType<typeof setTimeout> | undefined;
  readonly #onStop = () => this.#stop();
  readonly #onAbandon = () => this.#abandon();

  constructor(queue: JobQueue, run: JobRunner, options: JobWorkerOptions) {
    this.#queue = queue;
    this.#retryingQueue = new RetryingQueue(queue, this.#stopped.signal, (line) => this.#log(line));
    this.#run = run;
    this.#options = options;
    this.#concurrency = options.concurrency ?? 5;
    this.#batchSize = options.batchSize ?? this.#concurrency;
    this.#exchanges = options.exchanges ?? 1;
    this.#leaseSeconds = options.leaseSeconds ?? 60;
    this.#graceMs = options.graceMs ?? 20_000;
    this.#maxOpen = Math.max(this.#concurrency, this.#batchSize * this.#exchanges);
  }

  work(): Promise<JobWorkerSummary> {
    const { deadline, stop, abandon } = this.#options;
    this.#heartbeat = setInterval(() => void this.#sendHeartbeats(), (this.#leaseSeconds * 1000) / 3);
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

  /** Jobs without a result. */
  get #open(): number {
    return this.#waiting.length - this.#next + this.#running;
  }

  /** How many jobs the next call may claim. */
  get #room(): number {
    if (this.#isStopping) return 0;
    return Math.max(0, Math.min(this.#batchSize, this.#maxOpen - this.#open - this.#requested));
  }

  /** Makes the calls that are worth making now. Called after everything that changes. */
  #advance(): void {
    if (this.#isOver) return;
    while (this.#inFlight < this.#exchanges && this.#isWorthACall()) void this.#exchange();
    if (this.#inFlight > 0 || this.#open > 0 || this.#lateBookings > 0) return this.#callSoon();
    if (this.#results.length > 0 || !(this.#isStopping || (this.#isEmpty && !this.#options.waitForJobs))) return;
    this.#finish();
    this.#end.resolve(this.#summary);
  }

  /** A full batch is, and so is less when nothing else could be added to it. */
  #isWorthACall(): boolean {
    const isAlone = this.#inFlight === 0;
    const results = this.#results.length;
    const claims = this.#isEmpty ? 0 : this.#room;
    if (results >= this.#batchSize || (claims >= this.#batchSize && (this.#isPlenty || isAlone))) return true;
    return isAlone && this.#open === 0 && (results > 0 || claims > 0);
  }

  /** Less than a batch is sent as well, but not before everything that ends at the same time is in it. */
  #callSoon(): void {
    if (this.#callTimer !== undefined || this.#inFlight >= this.#exchanges) return;
    const isClaiming = this.#inFlight === 0 && !this.#isEmpty && this.#room > 0;
    if (this.#results.length === 0 && !isClaiming) return;
    this.#callTimer = setTimeout(() => {
      this.#callTimer = undefined;
      if (!this.#isOver && this.#inFlight < this.#exchanges) void this.#exchange();
    }, 0);
  }

  async #exchange(): Promise<void> {
    clearTimeout(this.#callTimer);
    this.#callTimer = undefined;
    const results = this.#results.splice(0, maxResults);
    const batchSize = this.#room;
    const settlements = this.#settlements;
    this.#inFlight += 1;
    this.#requested += batchSize;
    try {
      const { workerId, agentTypes } = this.#options;
      const leaseSeconds = this.#leaseSeconds;
      const answer = await this.#retryingQueue.exchange({ workerId, results, batchSize, leaseSeconds, agentTypes });
      // Before the new jobs are added: one of them may be one of these, whose lease had expired.
      this.#settle(results, answer.refused);
      if (results.length > 0) this.#settlements += 1;
      if (results.length > 0 || answer.picked > 0) this.#isEmpty = false;
      else if (batchSize > 0 && settlements === this.#settlements) this.#isEmpty = true;
      if (batchSize > 0) this.#isPlenty = answer.picked >= batchSize;
      this.#accept(answer.claimed);
    } catch (error) {
      for (const result of results) this.#logUnbooked(result);
      this.#fail(error);
    } finally {
      this.#inFlight -= 1;
      this.#requested -= batchSize;
    }
    if (this.#isEmpty) this.#wait();
    this.#advance();
  }

  #settle(results: JobResult[], refused: Exchanged["refused"]): void {
    const refusals = refused.length > 0 ? new Map(refused.map(({ job_id, code }) => [job_id, code])) : undefined;
    for (const result of results) {
      const refusal = refusals?.get(result.job_id);
      const leased = this.#leased.get(result.job_id);
      if (refusal === "GW801") {
        this.#refuseUnpriced(result);
        continue;
      }
      // Another lease on the same job is another matter.
      const isSame = leased?.job.lease_token === result.lease_token;
      if (isSame) this.#leased.delete(result.job_id);
      this.#summary[refusal === undefined ? result.outcome : "refused"] += 1;
      if (refusal !== undefined) this.#bookLate(result.job_id, result.usage);
      if (isSame) this.#options.onResult?.(leased.job, result, refusal);
    }
  }

  /** The lease holds, so the job must end. What it used can't be booked before there is a price. */
  #refuseUnpriced({ job_id, lease_token, usage }: JobResult): void {
    const models = [...new Set(usage.map(({ model, kind }) => `${model} (${kind})`))].join(", ");
    this.#log(`Job ${job_id}: GW801, not booked: ${JSON.stringify(usage)}`);
    const error_message = `There is no price for what this used: ${models}. Add it with set_model_price().`;
    this.#results.push({
      job_id,
      lease_token,
      outcome: "failed",
      error_code: "unknown_price",
      error_message,
      retryable: false,
      usage: [],
    });
  }

  #accept(claimed: ClaimedJob[]): void {
    for (const job of claimed) {
      const leased = new LeasedJob(job);
      this.#leased.set(job.id, leased);
      if (this.#isStopping) this.#release(leased);
      else this.#waiting.push(leased);
    }
    this.#startMore();
  }

  #startMore(): void {
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
    this.#run(leased.job, leased).then(
      (outcome) => this.#ended(leased, { ...leased.lease, outcome: "completed", ...outcome }),
      (error: unknown) => this.#ended(leased, this.#failure(leased, error)),
    );
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

  #failure({ job, lease, isAborted }: LeasedJob, error: unknown): JobResult {
    const usage = error instanceof AgentError ? error.usage : [];
    if (isAborted) return { ...lease, outcome: "released", usage };
    if (!(error instanceof AgentError) || error.code === "worker_failed") {
      const fault = error instanceof AgentError ? error.cause : error;
      const reason = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
      this.#log(`Job ${job.id} (${job.agent_type}): ${reason}`);
      // The user is not the one to read what went wrong inside.
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

  #release(leased: LeasedJob): void {
    leased.state = "ended";
    this.#results.push({ ...leased.lease, outcome: "released", usage: [] });
  }

  /** All leases in one call. In the order of the ids, as results are settled, so that neither waits for the other. */
  async #sendHeartbeats(): Promise<void> {
    if (this.#isSendingHeartbeat || this.#leased.size === 0) return;
    this.#isSendingHeartbeat = true;
    const leases = [...this.#leased.values()]
      .map(({ lease }) => lease)
      .toSorted((one, other) => (one.job_id < other.job_id ? -1 : 1));
    try {
      const kept = new Set(await this.#queue.heartbeat(leases, this.#leaseSeconds));
      for (const { job_id, lease_token } of leases) if (!kept.has(job_id)) this.#lose(job_id, lease_token);
    } catch (error) {
      // The next one comes before the lease expires.
      this.#log(`A heartbeat failed: ${error instanceof Error ? error.message : error}`);
    } finally {
      this.#isSendingHeartbeat = false;
    }
  }

  #lose(jobId: string, leaseToken: string): void {
    const leased = this.#leased.get(jobId);
    // What has ended is decided by the answer to its result.
    if (leased?.job.lease_token !== leaseToken || leased.state === "ended") return;
    this.#leased.delete(jobId);
    leased.isLost = true;
    leased.abort();
    this.#summary.refused += 1;
    this.#options.onResult?.(leased.job, { ...leased.lease, outcome: "released", usage: [] }, "GW703");
  }

  /** Even if it is nothing: what a cancelled job had reserved is free when that is known. */
  #bookLate(jobId: string, usage: Usage[]): void {
    this.#lateBookings += 1;
    this.#retryingQueue
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

  /** Has the queue asked again later: when there may be more, or in a while if there is still something to wait for. */
  #wait(): void {
    if (this.#isWaiting || this.#isStopping || this.#isOver) return;
    const { waitForJobs } = this.#options;
    if (!waitForJobs && this.#open === 0) return;
    this.#isWaiting = true;
    const waited = waitForJobs ? waitForJobs(this.#stopped.signal) : pause(pollIntervalMs, this.#stopped.signal);
    waited
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#isWaiting = false;
        this.#isEmpty = false;
        this.#advance();
      });
  }

  #stop(): void {
    if (this.#isStopping || this.#isOver) return;
    this.#stopped.abort();
    this.#retryingQueue.giveUpAt = Date.now() + this.#graceMs + finalRetriesMs;
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
    for (const leased of this.#leased.values()) if (leased.state === "running") leased.abort();
    this.#grace = setTimeout(() => this.#releaseRunning(), abortGraceMs);
  }

  /** Gives back what did not even end when it was told to. */
  #releaseRunning(): void {
    for (const leased of this.#leased.values()) {
      if (leased.state !== "running") continue;
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
    for (const leased of this.#leased.values()) leased.abort();
    this.#end.reject(error);
  }

  /** What nobody will book any more is for the operator to book. */
  #logUnbooked({ job_id, usage }: Pick<JobResult, "job_id" | "usage">): void {
    if (usage.length > 0) this.#log(`Job ${job_id}: not booked: ${JSON.stringify(usage)}`);
  }

  #finish(): void {
    this.#isOver = true;
    this.#retryingQueue.giveUpAt = 0;
    this.#stopped.abort();
    clearInterval(this.#heartbeat);
    for (const timer of [this.#callTimer, this.#deadline, this.#grace]) clearTimeout(timer);
    this.#options.stop?.removeEventListener("abort", this.#onStop);
    this.#options.abandon?.removeEventListener("abort", this.#onAbandon);
  }

  #log(line: string): void {
    this.#options.log?.(line);
  }
}
