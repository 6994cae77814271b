import type { JSONSchema7 } from "ai";
import { z } from "zod";
import type { JsonObject } from "../database.ts";
import type { Agent } from "./agent.ts";
import { AgentError } from "./agent-error.ts";
import type { AgentJob, JobOutcome, Usage } from "./agent-job.ts";
import { agents } from "./agents.ts";
import type { CampaignFigures } from "./campaign-figures.ts";
import { figuresForModel } from "./figure-words.ts";
import type { AgentModel, ModelRequest } from "./model.ts";
import { affordableOutputTokens, costOf, mostInputTokens, mostItCosts, type Prices, tokenPrices } from "./spend-cap.ts";

export interface JobEffects {
  model: AgentModel;
  /** What a model's tokens cost; null for an unknown model. */
  prices: (model: string) => Promise<Prices | null>;
  /** The figures of the campaigns that a job is about, among those of its person. */
  campaignFigures: (job: AgentJob) => Promise<CampaignFigures[]>;
  /** Aborts the request that is under way. */
  signal?: AbortSignal;
  /** Makes ids for requests that the provider gives none. */
  newId?: () => string;
}

/**
 * Runs one job: asks the model, checks its answer, and makes what is stored. It writes nothing and calls nothing but
 * its effects, so that it runs in an Edge Function as well as on Node.
 *
 * An answer that does not hold is asked for once more, with its problems. Both requests together cost at most
 * `job.max_cost`, as long as the provider keeps to the limit of output tokens that it is given.
 *
 * @returns output, content and usage, for `complete_agent_job`
 * @throws {AgentError} with its code, whether a retry may help, and what was used all the same, for `fail_agent_job`
 * @example const outcome = await runJob(job, { model: offlineModel(), prices, campaignFigures });
 */
export async function runJob(job: AgentJob, effects: JobEffects): Promise<JobOutcome> {
  const agent: Agent<unknown, unknown> = agents[job.agent_type];
  const parsed = agent.input.safeParse(job.input_data);
  if (!parsed.success) throw new AgentError("invalid_input", `input_data: ${issuesOf(parsed.error).join("; ")}.`);
  const input = parsed.data;

  const { model, signal, newId = () => crypto.randomUUID() } = effects;
  const prices = tokenPrices(model.name, await effects.prices(model.name));
  const figures = agent.usesFigures ? await effects.campaignFigures(job) : [];
  agent.checkFigures?.(input, figures);

  const { min, max } = agent.outputTokens(input, figures);
  const schema = schemaForModel(agent.answer);
  const material = { input, ...(agent.usesFigures && { campaigns: figuresForModel(figures) }) };
  const usage: Usage[] = [];
  let problems: string[] = [];

  const ask = (data: string, maxOutputTokens: number) => {
    const draft = () => agent.draft(input, figures);
    const request: ModelRequest = { system: agent.prompt.system, data, schema, maxOutputTokens, draft, newId, signal };
    return model.generate(request).catch((error: unknown) => {
      if (error instanceof AgentError) error.usage.unshift(...usage);
      throw error;
    });
  };

  for (const attempt of ["first", "repair"]) {
    if (signal?.aborted) throw new AgentError("aborted", "The worker stopped before the model was asked.", { usage });

    const data = envelope(attempt === "repair" ? { ...material, problems } : material);
    const inputTokens = mostInputTokens({ system: agent.prompt.system, data, schema });
    const left = job.max_cost * 1e6 - costOf(usage, prices);
    const affordable = affordableOutputTokens(left, inputTokens, prices);
    if (affordable < min) {
      if (attempt === "repair") problems.push("max_cost leaves too little to ask again");
      else throw overMaxCost(job, model.name, mostItCosts(inputTokens, min, prices));
      break;
    }

    const answer = await ask(data, Math.min(affordable, max));
    usage.push(...answer.usage);
    const read = readAnswer(agent, answer.text, input, figures);
    if (read.success) {
      const { output_data, assets } = agent.result(read.answer, input, figures);
      const origin = { prompt_version: agent.prompt.version, model_used: model.name };
      return { output_data: { ...output_data, ...origin }, assets, usage };
    }
    problems = read.problems;
  }
  throw new AgentError("invalid_answer", `The model's answer does not hold: ${problems.join("; ")}.`, { usage });
}

type Read<Answer> = { success: true; answer: Answer } | { success: false; problems: string[] };

function readAnswer<Input, Answer>(
  agent: Agent<Input, Answer>,
  text: string,
  input: Input,
  figures: CampaignFigures[],
): Read<Answer> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { success: false, problems: ["it is no JSON"] };
  }
  const parsed = agent.answer.safeParse(json);
  const problems = parsed.success ? agent.problems(parsed.data, input, figures) : issuesOf(parsed.error);
  if (parsed.success && problems.length === 0) return { success: true, answer: parsed.data };
  // They quote what the model wrote: enough to mend it, and not more than a message or a second question should carry.
  return { success: false, problems: problems.slice(0, 10).map((problem) => problem.toWellFormed().slice(0, 300)) };
}

function issuesOf({ issues }: z.ZodError): string[] {
  return issues.map(({ path, message }) => (path.length > 0 ? `${path.join(".")}: ${message}` : message));
}

/** "<" is escaped, so that no text in the data can close the envelope. */
function envelope(material: JsonObject | object): string {
  return `<data>\n${JSON.stringify(material).replaceAll("<", "\\u003c")}\n</data>`;
}

/** Lengths and patterns of strings are left out, as providers refuse schemas with them; the answer is checked here. */
function schemaForModel(answer: z.ZodType): JSONSchema7 {
  return z.toJSONSchema(answer, {
    target: "draft-7",
    override: ({ jsonSchema }) => {
      delete jsonSchema.minLength;
      delete jsonSchema.maxLength;
      delete jsonSchema.pattern;
      delete jsonSchema.allOf;
    },
  }) as JSONSchema7;
}

function overMaxCost({ max_cost }: AgentJob, model: string, needed: number): AgentError {
  const message = `This may cost ${needed / 1e6} US dollars with ${model}; max_cost is ${max_cost}.`;
  return new AgentError("over_max_cost", `${message} Ask for less, or set max_cost to at least ${needed / 1e6}.`);
}
