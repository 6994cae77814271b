import type { JsonObject } from "../database.ts";
import type { AgentErrorCode } from "./agent-error.ts";
import type { AgentJob, AgentType, NewAsset, Usage } from "./agent-job.ts";
import type { CampaignFigures } from "../agents/campaigns/campaign-figures.ts";
import type { MemoriesToConsolidate } from "../agents/memory-keeper/memories-to-consolidate.ts";
import type { Prices } from "../agents/runtime/spend-cap.ts";
import type { ThoughtsToOrganize } from "../agents/thought-organizer/thoughts-to-organize.ts";

/**
 * The proof that a worker holds a job. Every write sends it. A write with a lease that is no longer valid changes
 * nothing.
 */
export interface Lease {
  job_id: string;
  lease_token: string;
}

/** A job that a worker has claimed. No other worker gets it until the lease expires. */
export interface ClaimedJob extends AgentJob {
  max_retries: number;
  lease_token: string;
  /** ISO 8601. */
  lease_expires_at: string;
}

/** The result of a claimed job. A released job is given back unfinished, and does not count as an attempt. */
export type JobResult = Lease & { usage: Usage[] } & (
    | { outcome: "completed"; output_data: JsonObject; assets: NewAsset[] }
    | {
        outcome: "failed";
        error_code: AgentErrorCode;
        error_message: string;
        retryable: boolean;
        retry_after_seconds?: number;
      }
    | { outcome: "released" }
  );

export interface Exchange {
  workerId: string;
  results: JobResult[];
  /** How many jobs to claim, 0 to 1000. */
  batchSize: number;
  /** 1 to 3600. */
  leaseSeconds: number;
  /** If absent: all agent types. */
  agentTypes?: AgentType[] | undefined;
}

export interface Exchanged {
  claimed: ClaimedJob[];
  /**
   * Results that changed nothing. GW703: the lease is lost. GW801: the usage has no price; the lease is still valid.
   */
  refused: { job_id: string; code: string }[];
  /**
   * The number of jobs that were ready. It is greater than the number of claimed jobs if limits did not allow some of
   * them. Only 0 means that no job was ready.
   */
  picked: number;
}

/** The job queue as a worker uses it. Every method throws a `QueueError`. */
export interface JobQueue {
  /**
   * Settles results and claims the next jobs in one transaction. It can be repeated safely: each result has its fencing
   * token.
   */
  exchange(request: Exchange): Promise<Exchanged>;
  /** Extends leases, and returns the ids of the jobs whose leases are still valid. */
  heartbeat(leases: Lease[], leaseSeconds: number): Promise<string[]>;
  /**
   * Books the usage of a job whose lease was lost. It can be repeated safely: each request to a provider is booked
   * once.
   */
  bookLateUsage(jobId: string, usage: Usage[]): Promise<void>;
  /** Returns US dollars per unit, by usage kind; null for a model that has no price. */
  prices(model: string): Promise<Prices | null>;
  /** Returns the figures of a user's campaigns: those with the given ids, or all of them. */
  campaignFigures(userId: string, campaignIds: string[] | null): Promise<CampaignFigures[]>;
  /** Returns the memories that a job of the memory keeper compares. Its lease must still be valid. */
  memoriesToConsolidate(lease: Lease): Promise<MemoriesToConsolidate>;
  /** Returns the thoughts of a `thought_organizer` job's user that nobody has placed. */
  thoughtsToOrganize(lease: Lease): Promise<ThoughtsToOrganize>;
}
