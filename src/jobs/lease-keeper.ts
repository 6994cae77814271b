import { LeasedJob } from "./leased-job.ts";
import type { ClaimedJob, JobQueue, JobResult, Lease } from "./job-queue.ts";

interface Options {
  leaseSeconds: number;
  /** Called for a job whose lease was lost before the job had ended. */
  onLost: (leased: LeasedJob) => void;
  log: (line: string) => void;
}

/**
 * Keeps the jobs for which a worker has a lease, until the queue has accepted their results. It extends the leases by
 * heartbeats, three in the time of each lease.
 */
export class LeaseKeeper {
  readonly #queue: JobQueue;
  readonly #options: Options;
  readonly #jobs = new Map<string, LeasedJob>();
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #isSendingHeartbeat = false;

  constructor(queue: JobQueue, options: Options) {
    this.#queue = queue;
    this.#options = options;
  }

  start(): void {
    this.#heartbeat = setInterval(() => void this.#sendHeartbeat(), (this.#options.leaseSeconds * 1000) / 3);
  }

  stop(): void {
    clearInterval(this.#heartbeat);
  }

  add(job: ClaimedJob): LeasedJob {
    const leased = new LeasedJob(job);
    this.#jobs.set(job.id, leased);
    return leased;
  }

  /**
   * Removes the job of a result and returns it. Returns undefined if the worker now has another lease of the job, or
   * none.
   */
  remove({ job_id, lease_token }: Lease | JobResult): LeasedJob | undefined {
    const leased = this.#jobs.get(job_id);
    if (leased?.job.lease_token !== lease_token) return undefined;
    this.#jobs.delete(job_id);
    return leased;
  }

  /** The jobs that are running. */
  get running(): LeasedJob[] {
    return [...this.#jobs.values()].filter(({ state }) => state === "running");
  }

  /**
   * Extends all leases by one call. They are sorted by id, in the order in which results are settled, so that two calls
   * never deadlock.
   */
  async #sendHeartbeat(): Promise<void> {
    if (this.#isSendingHeartbeat || this.#jobs.size === 0) return;
    this.#isSendingHeartbeat = true;
    const leases = [...this.#jobs.values()]
      .map(({ lease }) => lease)
      .toSorted((one, other) => (one.job_id < other.job_id ? -1 : 1));
    try {
      const kept = new Set(await this.#queue.heartbeat(leases, this.#options.leaseSeconds));
      for (const lease of leases) if (!kept.has(lease.job_id)) this.#lose(lease);
    } catch (error) {
      // A failed heartbeat is not fatal: the next one comes before the leases expire.
      this.#options.log(`A heartbeat failed: ${error instanceof Error ? error.message : error}`);
    } finally {
      this.#isSendingHeartbeat = false;
    }
  }

  #lose(lease: Lease): void {
    // For a job that has ended, the answer to its result says if its lease was lost.
    if (this.#jobs.get(lease.job_id)?.state === "ended") return;
    const leased = this.remove(lease);
    if (!leased) return;
    leased.isLost = true;
    leased.abort();
    this.#options.onLost(leased);
  }
}
