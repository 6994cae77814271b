import type { Agent, AgentContext } from "./agent.ts";
import { AgentError, workerFailed } from "../../jobs/agent-error.ts";
import type { AgentJob, JobOutcome, Usage } from "../../jobs/agent-job.ts";
import { agents } from "../registry.ts";
import type { CampaignFigures } from "../campaigns/campaign-figures.ts";
import { startModelSession } from "./model-session.ts";
import { issuesOf } from "../../shared/error-text.ts";
import type { MemoriesToConsolidate } from "../memory-keeper/memories-to-consolidate.ts";
import type { AgentModel } from "../models/model.ts";
import { type Prices, tokenPrices } from "./spend-cap.ts";
import type { ThoughtsToOrganize } from "../thought-organizer/thoughts-to-organize.ts";

export interface JobEffects {
  model: AgentModel;
  /** Returns the prices of a model's tokens; null for an unknown model. */
  prices: (model: string) => Promise<Prices | null>;
  /** Reads the figures of the campaigns that a job names, if they belong to its user. */
  campaignFigures: (job: AgentJob) => Promise<CampaignFigures[]>;
  /** Reads the memories that a job of the memory keeper compares. */
  memoriesToConsolidate: (job: AgentJob) => Promise<MemoriesToConsolidate>;
  /** Reads the thoughts of a `thought_organizer` job's user that nobody has placed. */
  thoughtsToOrganize: (job: AgentJob) => Promise<ThoughtsToOrganize>;
  /** Aborts the present request. */
  signal?: AbortSignal;
  /** Makes ids for requests that get none from the provider. */
  newId?: () => string;
}

/**
 * Runs one job: its agent asks the model and makes the result. It has no side effects except those given in `effects`,
 * so it runs in an Edge Function as well as on Node. All requests together cost at most `job.max_cost`.
 *
 * @returns output, content assets and usage, for `complete_agent_job`
 * @throws {AgentError} with its code, `retryable`, and the usage up to the failure, for `fail_agent_job`
 * @example const outcome = await runJob(job, { ...effectsOf(queue), model: offlineModel() });
 */
export async function runJob(job: AgentJob, effects: JobEffects): Promise<JobOutcome> {
  const agent: Agent<unknown> = agents[job.agent_type];
  const parsed = agent.input.safeParse(job.input_data);
  if (!parsed.success) throw new AgentError("invalid_input", `input_data: ${issuesOf(parsed.error).join("; ")}.`);

  const { model, signal, newId = () => crypto.randomUUID() } = effects;
  const prices = tokenPrices(model.name, await effects.prices(model.name));
  const session = startModelSession({ job, model, prices, signal, newId });
  const context: AgentContext = {
    job,
    ask: session.ask,
    checkCost: session.checkCost,
    campaignFigures: () => effects.campaignFigures(job),
    memoriesToConsolidate: () => effects.memoriesToConsolidate(job),
    thoughtsToOrganize: () => effects.thoughtsToOrganize(job),
  };

  try {
    const { output_data, assets } = await agent.run(parsed.data, context);
    const origin = session.promptVersions.size > 0 && {
      prompt_version: [...session.promptVersions].join(", "),
      model_used: model.name,
    };
    return { output_data: { ...output_data, ...origin }, assets, usage: [...session.usage] };
  } catch (error) {
    throw withUsage(error, session.usage);
  }
}

/** Returns the error with all usage of the job so far. Requests are paid for even if the job fails afterwards. */
function withUsage(error: unknown, usage: readonly Usage[]): unknown {
  if (error instanceof AgentError) {
    error.usage.splice(0, error.usage.length, ...usage);
    return error;
  }
  if (usage.length === 0) return error;
  return new AgentError("worker_failed", workerFailed, { usage: [...usage], cause: error });
}
