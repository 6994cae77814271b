import type { JsonObject } from "../database.ts";
import type { AgentErrorCode } from "./agent-error.ts";
import type { AgentJob, AgentType, NewAsset, Usage } from "./agent-job.ts";
import type { CampaignFigures } from "../agents/campaigns/campaign-figures.ts";
import type { MemoriesToConsolidate } from "../agents/memory-keeper/memories-to-consolidate.ts";
import type { Prices } from "../agents/runtime/spend-cap.ts";
import type { ThoughtsToOrganize } from "../agents/thought-organizer/thoughts-to-organize.ts";

/** Proof that a job is the worker's: every write carries it, and one that is no longer valid changes nothing. */
export interface Lease {
  job_id: string;
  lease_token: string;
}

/** A job that is the worker's until its lease expires. */
export interface ClaimedJob extends AgentJob {
  max_retries: number;
  lease_token: string;
  /** ISO 8601. */
  lease_expires_at: string;
}

/** What became of a claimed job. A released one is given back unfinished, which is no attempt. */
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
  /** Absent: all. */
  agentTypes?: AgentType[] | undefined;
}

export interface Exchanged {
  claimed: ClaimedJob[];
  /** Results that changed nothing. GW703: the lease is lost. GW801: the usage has no price; the lease holds. */
  refused: { job_id: string; code: string }[];
  /** More than were claimed, if there was no money for some. Only 0 means that nothing is ready. */
  picked: number;
}

/** The queue as a worker uses it. Every method throws a `QueueError`. */
export interface JobQueue {
  /** Settles results and claims the next jobs in one transaction. Safe to repeat: results are fenced by their leases. */
  exchange(request: Exchange): Promise<Exchanged>;
  /** Extends leases, and gives the ids of the jobs whose lease still holds. */
  heartbeat(leases: Lease[], leaseSeconds: number): Promise<string[]>;
  /** Books what was spent on a job whose lease was lost. Safe to repeat: a request of a provider is booked once. */
  bookLateUsage(jobId: string, usage: Usage[]): Promise<void>;
  /** US dollars a unit, by kind; null for a model that has no price. */
  prices(model: string): Promise<Prices | null>;
  /** The figures of a user's campaigns: of those named, or of all. */
  campaignFigures(userId: string, campaignIds: string[] | null): Promise<CampaignFigures[]>;
  /** What a job of the memory keeper is to compare, as long as its lease holds. */
  memoriesToConsolidate(lease: Lease): Promise<MemoriesToConsolidate>;
  /** The thoughts that the user of a `thought_organizer` job has not placed. */
  thoughtsToOrganize(lease: Lease): Promise<ThoughtsToOrganize>;
}
