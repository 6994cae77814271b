import type { Exchanged } from "./job-queue.ts";

interface Options {
  /** How many jobs may run at the same time. */
  concurrency: number;
  /** The most jobs that one call claims. */
  batchSize: number;
  /** How many calls may be in progress at the same time. */
  maxCalls: number;
  /** Aborts when no more jobs are to be claimed. */
  stopped: AbortSignal;
}

/** The jobs and results that a worker holds. */
export interface Load {
  /** Claimed jobs without a result. */
  open: number;
  /** Results that have not been sent to the queue. */
  results: number;
}

/** A call that is in progress. */
interface Call {
  batchSize: number;
  results: number;
  /** How many calls had settled results before this one began. */
  settlements: number;
}

/** Decides when a worker calls the queue, and how many jobs a call claims. It makes no calls itself. */
export class BatchPolicy {
  readonly #options: Options;
  /** The most claimed jobs without a result. */
  readonly #maxOpen: number;
  #underWay = 0;
  /** The number of jobs that the calls in progress may bring. */
  #requested = 0;
  /** The number of calls that settled results. Settling may make other jobs ready. */
  #settlements = 0;
  /** True if the last call brought as many jobs as it asked for. */
  #isPlenty = false;
  /** True if the last call found nothing in the queue. The worker resets it when it may ask again. */
  isEmpty = false;

  constructor(options: Options) {
    this.#options = options;
    this.#maxOpen = Math.max(options.concurrency, options.batchSize * options.maxCalls);
  }

  get isIdle(): boolean {
    return this.#underWay === 0;
  }

  get canCall(): boolean {
    return this.#underWay < this.#options.maxCalls;
  }

  /** True if a call is useful now: its batch is full, or waiting would add nothing to it. */
  isWorthACall({ open, results }: Load): boolean {
    if (!this.canCall) return false;
    const { batchSize } = this.#options;
    const claims = this.isEmpty ? 0 : this.#room(open);
    if (results >= batchSize || (claims >= batchSize && (this.#isPlenty || this.isIdle))) return true;
    return this.isIdle && open === 0 && (results > 0 || claims > 0);
  }

  /**
   * True if a call is useful soon although its batch is not full. A short wait adds the jobs that end at the same time.
   */
  isWorthACallSoon({ open, results }: Load): boolean {
    if (!this.canCall) return false;
    return results > 0 || (this.isIdle && !this.isEmpty && this.#room(open) > 0);
  }

  /** Records that a call begins, and returns how many jobs it claims. */
  begin({ open, results }: Load): Call {
    const call = { batchSize: this.#room(open), results, settlements: this.#settlements };
    this.#underWay += 1;
    this.#requested += call.batchSize;
    return call;
  }

  answered({ batchSize, results, settlements }: Call, { picked }: Exchanged): void {
    if (results > 0) this.#settlements += 1;
    if (results > 0 || picked > 0) this.isEmpty = false;
    else if (batchSize > 0 && settlements === this.#settlements) this.isEmpty = true;
    if (batchSize > 0) this.#isPlenty = picked >= batchSize;
  }

  end({ batchSize }: Call): void {
    this.#underWay -= 1;
    this.#requested -= batchSize;
  }

  /** Returns how many jobs the next call may claim. */
  #room(open: number): number {
    if (this.#options.stopped.aborted) return 0;
    return Math.max(0, Math.min(this.#options.batchSize, this.#maxOpen - open - this.#requested));
  }
}
