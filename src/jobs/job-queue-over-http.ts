import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../database.ts";
import type { Json } from "../database.types.ts";
import type { CampaignFigures } from "../agents/campaigns/campaign-figures.ts";
import type { Exchanged, JobQueue } from "./job-queue.ts";
import type { MemoriesToConsolidate } from "../agents/memory-keeper/memories-to-consolidate.ts";
import { rpcData } from "../shared/queue-error.ts";
import type { Prices } from "../agents/runtime/spend-cap.ts";
import type { ThoughtsToOrganize } from "../agents/thought-organizer/thoughts-to-organize.ts";

/** The time limit for one call of the database, in milliseconds. */
const timeoutMs = 30_000;

/**
 * Makes a job queue that uses the API, for Edge Functions and for workers without a connection to Postgres.
 *
 * @param client a client with the secret key, because only the service role may call the functions of the queue
 * @example const queue = jobQueueOverHttp(createClient(url, secretKey));
 */
export function jobQueueOverHttp(client: SupabaseClient<Database>): JobQueue {
  return {
    async exchange({ workerId, results, batchSize, leaseSeconds, agentTypes }) {
      const answer = await client
        .rpc("exchange_agent_jobs", {
          worker_id: workerId,
          results: results as unknown as Json,
          batch_size: batchSize,
          lease_seconds: leaseSeconds,
          ...(agentTypes && { agent_types: agentTypes }),
        })
        .abortSignal(AbortSignal.timeout(timeoutMs));
      return rpcData(answer) as unknown as Exchanged;
    },

    async heartbeat(leases, leaseSeconds) {
      const answer = await client
        .rpc("heartbeat_agent_jobs", { leases: leases as unknown as Json, lease_seconds: leaseSeconds })
        .abortSignal(AbortSignal.timeout(timeoutMs));
      return rpcData(answer) ?? [];
    },

    async bookLateUsage(jobId, usage) {
      const answer = await client
        .rpc("book_late_usage", { job_id: jobId, usage: usage as unknown as Json })
        .abortSignal(AbortSignal.timeout(timeoutMs));
      rpcData(answer);
    },

    async prices(model) {
      const answer = await client.rpc("get_model_prices", { model }).abortSignal(AbortSignal.timeout(timeoutMs));
      return rpcData(answer) as Prices | null;
    },

    async campaignFigures(userId, campaignIds) {
      const answer = await client
        .rpc("get_campaign_figures", { for_user_id: userId, ...(campaignIds && { campaign_ids: campaignIds }) })
        .abortSignal(AbortSignal.timeout(timeoutMs));
      return rpcData(answer) as CampaignFigures[];
    },

    async thoughtsToOrganize(lease) {
      const answer = await client
        .rpc("get_thoughts_to_organize", { ...lease })
        .abortSignal(AbortSignal.timeout(timeoutMs));
      return rpcData(answer) as unknown as ThoughtsToOrganize;
    },

    async memoriesToConsolidate(lease) {
      const answer = await client
        .rpc("get_memories_to_consolidate", { ...lease })
        .abortSignal(AbortSignal.timeout(timeoutMs));
      return rpcData(answer) as unknown as MemoriesToConsolidate;
    },
  };
}
