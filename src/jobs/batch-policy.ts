import type { Exchanged } from "./job-queue.ts";

interface Options {
  /** How many jobs run at once. */
  concurrency: number;
  /** How many jobs one call claims at most. */
  batchSize: number;
  /** How many calls may be under way at once. */
  maxCalls: number;
  /** Aborts when nothing is to be claimed any more. */
  stopped: AbortSignal;
}

/** What a worker has at hand. */
export interface Load {
  /** Claimed jobs without a result. */
  open: number;
  /** Results that the queue does not have yet. */
  results: number;
}

/** A call that is under way. */
interface Call {
  batchSize: number;
  results: number;
  /** How many calls had settled results before it began. */
  settlements: number;
}

/** Decides when a worker calls the queue, and how many jobs it claims then. It makes no calls itself. */
export class BatchPolicy {
  readonly #options: Options;
  /** The most jobs that are claimed and have no result yet. */
  readonly #maxOpen: number;
  #underWay = 0;
  /** Jobs that calls under way may bring. */
  #requested = 0;
  /** Calls that settled results, which may have made other jobs ready. */
  #settlements = 0;
  /** The last call brought as many jobs as it asked for. */
  #isPlenty = false;
  /** Whether the last call found nothing in the queue. The worker resets it when it is worth asking again. */
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

  /** Whether to call now: for a full batch, or for less if nothing else could be added to it. */
  isWorthACall({ open, results }: Load): boolean {
    if (!this.canCall) return false;
    const { batchSize } = this.#options;
    const claims = this.isEmpty ? 0 : this.#room(open);
    if (results >= batchSize || (claims >= batchSize && (this.#isPlenty || this.isIdle))) return true;
    return this.isIdle && open === 0 && (results > 0 || claims > 0);
  }

  /** Whether to call soon with less than a batch: once everything that ends at the same time is in it. */
  isWorthACallSoon({ open, results }: Load): boolean {
    if (!this.canCall) return false;
    return results > 0 || (this.isIdle && !this.isEmpty && this.#room(open) > 0);
  }

  /** Notes that a call begins, and says how many jobs it claims. */
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

  /** How many jobs the next call may claim. */
  #room(open: number): number {
    if (this.#options.stopped.aborted) return 0;
    return Math.max(0, Math.min(this.#options.batchSize, this.#maxOpen - open - this.#requested));
  }
}
