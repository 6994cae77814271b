import type postgres from "postgres";
import type { CampaignFigures } from "../../agents/campaigns/campaign-figures.ts";
import type { Exchanged, JobQueue } from "../../jobs/job-queue.ts";
import type { MemoriesToConsolidate } from "../../agents/memory-keeper/memories-to-consolidate.ts";
import type { Prices } from "../../agents/runtime/spend-cap.ts";
import type { ThoughtsToOrganize } from "../../agents/thought-organizer/thoughts-to-organize.ts";
import { queryRows } from "./query-rows.ts";

/**
 * Makes a job queue that uses a connection to Postgres.
 *
 * @param sql a connection with a role that may use the queue: `service_role`, or the owner of the schema
 * @example const queue = jobQueueOverPostgres(postgres(process.env.DATABASE_URL));
 */
export function jobQueueOverPostgres(sql: postgres.Sql): JobQueue {
  const json = (value: unknown) => sql.json(value as postgres.JSONValue);
  return {
    async exchange({ workerId, results, batchSize, leaseSeconds, agentTypes }) {
      const [row] = await queryRows(
        sql<{ answer: Exchanged }[]>`
          select public.exchange_agent_jobs(
            ${workerId}, ${json(results)}, ${batchSize}, ${leaseSeconds}, ${arrayOf(agentTypes)}::text[]
          ) as answer
        `,
      );
      return row!.answer;
    },

    async heartbeat(leases, leaseSeconds) {
      const rows = await queryRows(
        sql<{ id: string }[]>`select public.heartbeat_agent_jobs(${json(leases)}, ${leaseSeconds}) as id`,
      );
      return rows.map(({ id }) => id);
    },

    async bookLateUsage(jobId, usage) {
      await queryRows(sql`select public.book_late_usage(${jobId}, ${json(usage)})`);
    },

    async prices(model) {
      const [row] = await queryRows(
        sql<{ prices: Prices | null }[]>`select public.get_model_prices(${model}) as prices`,
      );
      return row!.prices;
    },

    async campaignFigures(userId, campaignIds) {
      // The rows are read as JSON, in which amounts are numbers. The driver returns a numeric as text.
      const rows = await queryRows(
        sql<{ figures: CampaignFigures }[]>`
          select to_jsonb(campaign) as figures
          from public.get_campaign_figures(${userId}, ${arrayOf(campaignIds)}::uuid[]) as campaign
        `,
      );
      return rows.map(({ figures }) => figures);
    },

    async memoriesToConsolidate({ job_id, lease_token }) {
      const [row] = await queryRows(
        sql<{ answer: MemoriesToConsolidate }[]>`
          select public.get_memories_to_consolidate(${job_id}, ${lease_token}) as answer
        `,
      );
      return row!.answer;
    },

    async thoughtsToOrganize({ job_id, lease_token }) {
      const [row] = await queryRows(
        sql<{ thoughts: ThoughtsToOrganize }[]>`
          select public.get_thoughts_to_organize(${job_id}, ${lease_token}) as thoughts
        `,
      );
      return row!.thoughts;
    },
  };
}

/**
 * Writes an array in Postgres' form, because the driver does not know array types here. Names and ids need no quotes.
 */
function arrayOf(values: readonly string[] | null | undefined): string {
  return values ? `{${values.join(",")}}` : null!;
}
