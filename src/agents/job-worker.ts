import { storable } from "../storable.ts";
import { AgentError, workerFailed } from "./agent-error.ts";
import type { AgentType, JobOutcome, Usage } from "./agent-job.ts";
import { HeldJob } from "./held-job.ts";
import type { ClaimedJob, Exchanged, JobQueue, JobResult } from "./job-queue.ts";
import { PatientQueue } from "./patient-queue.ts";
import { pause } from "../queue/pause.ts";

/** Does one job. The signal aborts when the job is no longer the worker's, or the worker has no more time. */
export type Run = (job: ClaimedJob, lease: { readonly signal: AbortSignal }) => Promise<JobOutcome>;

export interface WorkOptions {
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
  /** One line for a fault that is no job's, or that its person should not read. */
  log?: ((line: string) => void) | undefined;
}

/** How many attempts and jobs ended in which way. */
export interface WorkSummary {
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
 * @example const summary = await work(queue, jobRunner(queue, model), { workerId: "nightly", concurrency: 10 });
 */
export function work(queue: JobQueue, run: Run, options: WorkOptions): Promise<WorkSummary> {
  return new Worker(queue, run, options).work();
}

/** One call carries no more results than this, so that it stays a small transaction. */
const maxResults = 500;
/** How long an aborted job may take to say what it used, in milliseconds. */
const lastWordsMs = 1000;
/** How long a worker that is to stop tries to hand over its last results, in milliseconds. */
const lastTriesMs = 2000;
/** How often an empty queue is asked while jobs still run, in milliseconds. */
const lookEveryMs = 1000;

class Worker {
  readonly #queue: JobQueue;
  readonly #patientQueue: PatientQueue;
  readonly #run: Run;
  readonly #options: WorkOptions;
  readonly #concurrency: number;
  readonly #batchSize: number;
  readonly #exchanges: number;
  readonly #leaseSeconds: number;
  readonly #graceMs: number;
  /** The most jobs that are claimed and have no result yet. */
  readonly #most: number;

  readonly #summary: WorkSummary = { completed: 0, failed: 0, released: 0, refused: 0 };
  readonly #end = Promise.withResolvers<WorkSummary>();
  readonly #stopped = new AbortController();
  /** All whose result the queue has not taken yet, by job id. */
  readonly #held = new Map<string, HeldJob>();
  /** Those that wait for a turn, from `#next` on. */
  #waiting: HeldJob[] = [];
  #next = 0;
  #running = 0;
  #results: JobResult[] = [];

  #inFlight = 0;
  /** Jobs that calls under way may bring. */
  #asked = 0;
  /** Calls that settled something, which may have made other jobs ready. */
  #settlements = 0;
  #isEmpty = false;
  /** The last call brought as many jobs as it asked for. */
  #isPlenty = false;
  #isWaiting = false;
  #isBeating = false;
  #lateBookings = 0;
  #isOver = false;

  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #soon: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #grace: ReturnType<typeof setTimeout> | undefined;
  readonly #onStop = () => this.#stop();
  readonly #onAbandon = () => this.#abandon();

  constructor(queue: JobQueue, run: Run, options: WorkOptions) {
    this.#queue = queue;
    this.#patientQueue = new PatientQueue(queue, this.#stopped.signal, (line) => this.#say(line));
    this.#run = run;
    this.#options = options;
    this.#concurrency = options.concurrency ?? 5;
    this.#batchSize = options.batchSize ?? this.#concurrency;
    this.#exchanges = options.exchanges ?? 1;
    this.#leaseSeconds = options.leaseSeconds ?? 60;
    this.#graceMs = options.graceMs ?? 20_000;
    this.#most = Math.max(this.#concurrency, this.#batchSize * this.#exchanges);
  }

  work(): Promise<WorkSummary> {
    const { deadline, stop, abandon } = this.#options;
    this.#heartbeat = setInterval(() => void this.#beat(), (this.#leaseSeconds * 1000) / 3);
    if (deadline !== undefined) this.#deadline = setTimeout(this.#onStop, Math.max(0, deadline - Date.now()));
    stop?.addEventListener("abort", this.#onStop);
    abandon?.addEventListener("abort", this.#onAbandon);
    if (stop?.aborted || abandon?.aborted) this.#stop();
    this.#pump();
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
    return Math.max(0, Math.min(this.#batchSize, this.#most - this.#open - this.#asked));
  }

  /** Makes the calls that are worth making now. Called after everything that changes. */
  #pump(): void {
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
    if (this.#soon !== undefined || this.#inFlight >= this.#exchanges) return;
    const isClaiming = this.#inFlight === 0 && !this.#isEmpty && this.#room > 0;
    if (this.#results.length === 0 && !isClaiming) return;
    this.#soon = setTimeout(() => {
      this.#soon = undefined;
      if (!this.#isOver && this.#inFlight < this.#exchanges) void this.#exchange();
    }, 0);
  }

  async #exchange(): Promise<void> {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    const results = this.#results.splice(0, maxResults);
    const batchSize = this.#room;
    const settlements = this.#settlements;
    this.#inFlight += 1;
    this.#asked += batchSize;
    try {
      const { workerId, agentTypes } = this.#options;
      const leaseSeconds = this.#leaseSeconds;
      const answer = await this.#patientQueue.exchange({ workerId, results, batchSize, leaseSeconds, agentTypes });
      // Before the new jobs are held: one of them may be one of these, whose lease had expired.
      this.#settle(results, answer.refused);
      if (results.length > 0) this.#settlements += 1;
      if (results.length > 0 || answer.picked > 0) this.#isEmpty = false;
      else if (batchSize > 0 && settlements === this.#settlements) this.#isEmpty = true;
      if (batchSize > 0) this.#isPlenty = answer.picked >= batchSize;
      this.#hold(answer.claimed);
    } catch (error) {
      for (const result of results) this.#sayUnbooked(result);
      this.#fail(error);
    } finally {
      this.#inFlight -= 1;
      this.#asked -= batchSize;
    }
    if (this.#isEmpty) this.#wait();
    this.#pump();
  }

  #settle(results: JobResult[], refused: Exchanged["refused"]): void {
    const refusals = refused.length > 0 ? new Map(refused.map(({ job_id, code }) => [job_id, code])) : undefined;
    for (const result of results) {
      const refusal = refusals?.get(result.job_id);
      const held = this.#held.get(result.job_id);
      if (refusal === "GW801") {
        this.#refuseUnpriced(result);
        continue;
      }
      // Another lease on the same job is another matter.
      const isSame = held?.job.lease_token === result.lease_token;
      if (isSame) this.#held.delete(result.job_id);
      this.#summary[refusal === undefined ? result.outcome : "refused"] += 1;
      if (refusal !== undefined) this.#bookLate(result.job_id, result.usage);
      if (isSame) this.#options.onResult?.(held.job, result, refusal);
    }
  }

  /** The lease holds, so the job must end. What it used can't be booked before there is a price. */
  #refuseUnpriced({ job_id, lease_token, usage }: JobResult): void {
    const models = [...new Set(usage.map(({ model, kind }) => `${model} (${kind})`))].join(", ");
    this.#say(`Job ${job_id}: GW801, not booked: ${JSON.stringify(usage)}`);
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

  #hold(claimed: ClaimedJob[]): void {
    for (const job of claimed) {
      const held = new HeldJob(job);
      this.#held.set(job.id, held);
      if (this.#isStopping) this.#release(held);
      else this.#waiting.push(held);
    }
    this.#startMore();
  }

  #startMore(): void {
    while (this.#running < this.#concurrency && this.#next < this.#waiting.length) {
      const held = this.#waiting[this.#next]!;
      this.#next += 1;
      if (!held.isLost) this.#start(held);
    }
    if (this.#next < this.#waiting.length) return;
    this.#waiting = [];
    this.#next = 0;
  }

  #start(held: HeldJob): void {
    held.state = "running";
    this.#running += 1;
    this.#run(held.job, held).then(
      (outcome) => this.#ended(held, { ...held.lease, outcome: "completed", ...outcome }),
      (error: unknown) => this.#ended(held, this.#failure(held, error)),
    );
  }

  #ended(held: HeldJob, result: JobResult): void {
    if (held.state === "running") this.#running -= 1;
    held.state = "ended";
    if (this.#isOver) this.#sayUnbooked(result);
    else if (held.isLost) this.#bookLate(held.job.id, result.usage);
    else this.#results.push(result);
    this.#startMore();
    this.#pump();
  }

  #failure({ job, lease, isAborted }: HeldJob, error: unknown): JobResult {
    const usage = error instanceof AgentError ? error.usage : [];
    if (isAborted) return { ...lease, outcome: "released", usage };
    if (!(error instanceof AgentError) || error.code === "worker_failed") {
      const fault = error instanceof AgentError ? error.cause : error;
      const reason = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
      this.#say(`Job ${job.id} (${job.agent_type}): ${reason}`);
      // The person is not the one to read what went wrong inside.
      const error_code = "worker_failed";
      return { ...lease, outcome: "failed", error_code, error_message: workerFailed, retryable: true, usage };
    }
    const { code, message, retryable, retryAfterSeconds } = error;
    return {
      ...lease,
      outcome: "failed",
      error_code: code,
      error_message: storable(message),
      retryable,
      ...(retryAfterSeconds !== undefined && { retry_after_seconds: retryAfterSeconds }),
      usage,
    };
  }

  #release(held: HeldJob): void {
    held.state = "ended";
    this.#results.push({ ...held.lease, outcome: "released", usage: [] });
  }

  /** All leases in one call. In the order of the ids, as results are settled, so that neither waits for the other. */
  async #beat(): Promise<void> {
    if (this.#isBeating || this.#held.size === 0) return;
    this.#isBeating = true;
    const leases = [...this.#held.values()]
      .map(({ lease }) => lease)
      .toSorted((one, other) => (one.job_id < other.job_id ? -1 : 1));
    try {
      const kept = new Set(await this.#queue.heartbeat(leases, this.#leaseSeconds));
      for (const { job_id, lease_token } of leases) if (!kept.has(job_id)) this.#lose(job_id, lease_token);
    } catch (error) {
      // The next one comes before the lease expires.
      this.#say(`A heartbeat failed: ${error instanceof Error ? error.message : error}`);
    } finally {
      this.#isBeating = false;
    }
  }

  #lose(jobId: string, leaseToken: string): void {
    const held = this.#held.get(jobId);
    // What has ended is decided by the answer to its result.
    if (held?.job.lease_token !== leaseToken || held.state === "ended") return;
    this.#held.delete(jobId);
    held.isLost = true;
    held.abort();
    this.#summary.refused += 1;
    this.#options.onResult?.(held.job, { ...held.lease, outcome: "released", usage: [] }, "GW703");
  }

  /** Even if it is nothing: what a cancelled job had reserved is free when that is known. */
  #bookLate(jobId: string, usage: Usage[]): void {
    this.#lateBookings += 1;
    this.#patientQueue
      .bookLateUsage(jobId, usage)
      .catch((error: Error) => {
        this.#say(`Job ${jobId}: ${error.message}`);
        this.#sayUnbooked({ job_id: jobId, usage });
      })
      .finally(() => {
        this.#lateBookings -= 1;
        this.#pump();
      });
  }

  /** Has the queue asked again later: when there may be more, or in a while if there is still something to wait for. */
  #wait(): void {
    if (this.#isWaiting || this.#isStopping || this.#isOver) return;
    const { waitForJobs } = this.#options;
    if (!waitForJobs && this.#open === 0) return;
    this.#isWaiting = true;
    const waited = waitForJobs ? waitForJobs(this.#stopped.signal) : pause(lookEveryMs, this.#stopped.signal);
    waited
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#isWaiting = false;
        this.#isEmpty = false;
        this.#pump();
      });
  }

  #stop(): void {
    if (this.#isStopping || this.#isOver) return;
    this.#stopped.abort();
    this.#patientQueue.giveUpAt = Date.now() + this.#graceMs + lastTriesMs;
    for (const held of this.#waiting.slice(this.#next)) if (!held.isLost) this.#release(held);
    this.#waiting = [];
    this.#next = 0;
    this.#grace = setTimeout(this.#onAbandon, this.#options.abandon?.aborted ? 0 : this.#graceMs);
    this.#pump();
  }

  #abandon(): void {
    if (this.#isOver) return;
    this.#stop();
    clearTimeout(this.#grace);
    for (const held of this.#held.values()) if (held.state === "running") held.abort();
    this.#grace = setTimeout(() => this.#letGo(), lastWordsMs);
  }

  /** Gives back what did not even end when it was told to. */
  #letGo(): void {
    for (const held of this.#held.values()) {
      if (held.state !== "running") continue;
      this.#running -= 1;
      this.#release(held);
      held.isLost = true;
    }
    this.#pump();
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#finish();
    for (const result of this.#results) this.#sayUnbooked(result);
    for (const held of this.#held.values()) held.abort();
    this.#end.reject(error);
  }

  /** What nobody will book any more is for the operator to book. */
  #sayUnbooked({ job_id, usage }: Pick<JobResult, "job_id" | "usage">): void {
    if (usage.length > 0) this.#say(`Job ${job_id}: not booked: ${JSON.stringify(usage)}`);
  }

  #finish(): void {
    this.#isOver = true;
    this.#patientQueue.giveUpAt = 0;
    this.#stopped.abort();
    clearInterval(this.#heartbeat);
    for (const timer of [this.#soon, this.#deadline, this.#grace]) clearTimeout(timer);
    this.#options.stop?.removeEventListener("abort", this.#onStop);
    this.#options.abandon?.removeEventListener("abort", this.#onAbandon);
  }

  #say(line: string): void {
    this.#options.log?.(line);
  }
}
