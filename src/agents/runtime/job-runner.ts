import type { AgentJob } from "../../jobs/agent-job.ts";
import type { JobQueue } from "../../jobs/job-queue.ts";
import type { AgentModel } from "../models/model.ts";
import { runJob } from "./run-job.ts";
import type { Prices } from "./spend-cap.ts";
import type { JobRunner } from "../../jobs/job-worker.ts";

/** How long prices are cached, in milliseconds. */
const pricesLastMs = 60_000;

/**
 * Makes a function that runs jobs with the model. It reads figures, memories, thoughts and prices from the queue's
 * database.
 *
 * @example await runJobWorker(queue, jobRunner(queue, offlineModel()), { workerId });
 */
export function jobRunner(queue: JobQueue, model: AgentModel): JobRunner {
  let known: Promise<Prices | null> | undefined;
  let knownUntil = 0;
  const prices = (name: string) => {
    if (!known || Date.now() > knownUntil) {
      knownUntil = Date.now() + pricesLastMs;
      known = queue.prices(name);
      known.catch(() => (known = undefined));
    }
    return known;
  };
  const campaignFigures = (job: AgentJob) => queue.campaignFigures(job.user_id, namedCampaigns(job));
  return (job, lease) => {
    const memoriesToConsolidate = () => queue.memoriesToConsolidate({ job_id: job.id, lease_token: job.lease_token });
    const thoughtsToOrganize = () => queue.thoughtsToOrganize({ job_id: job.id, lease_token: job.lease_token });
    const effects = { model, prices, campaignFigures, memoriesToConsolidate, thoughtsToOrganize };
    return runJob(job, { ...effects, signal: lease.signal });
  };
}

/**
 * Returns the campaign ids of the input. They may be ids of another user's campaigns: the database reads only the
 * user's own.
 */
function namedCampaigns({ input_data: { campaign_ids } }: AgentJob): string[] | null {
  return Array.isArray(campaign_ids) && campaign_ids.length > 0 ? (campaign_ids as string[]) : null;
}
