import type { JSONSchema7 } from "ai";
import { z } from "zod";
import type { AnyQuestion, Question } from "./agent.ts";
import { AgentError } from "../../jobs/agent-error.ts";
import type { AgentJob, Usage } from "../../jobs/agent-job.ts";
import { issuesOf } from "../../shared/error-text.ts";
import type { AgentModel, ModelRequest } from "../models/model.ts";
import { affordableOutputTokens, costOf, maxCostOf, maxInputTokens, type TokenPrices } from "./spend-cap.ts";

interface Options {
  job: AgentJob;
  model: AgentModel;
  prices: TokenPrices;
  /** Aborts the present request. */
  signal: AbortSignal | undefined;
  /** Makes ids for requests that get none from the provider. */
  newId: () => string;
}

/**
 * All questions that one job asks a model. Together they cost at most the job's `max_cost`, even if several are asked
 * at once.
 */
export interface ModelSession {
  /** See `AgentContext.ask`. */
  ask<Answer>(question: Question<Answer>, upcoming?: readonly AnyQuestion[]): Promise<Answer>;
  /** See `AgentContext.checkCost`. */
  checkCost(questions: readonly AnyQuestion[]): void;
  /** The usage so far, including that of failed requests. */
  readonly usage: readonly Usage[];
  /** The versions of all prompts that were used. */
  readonly promptVersions: ReadonlySet<string>;
}

/** Starts a session. The limit of the cost holds if the provider respects the limit of output tokens. */
export function startModelSession({ job, model, prices, signal, newId }: Options): ModelSession {
  const usage: Usage[] = [];
  const promptVersions = new Set<string>();
  /** The amount that is reserved for the present requests, in millionths of a US dollar. */
  let reserved = 0;

  async function generate(request: ModelRequest): Promise<string> {
    try {
      const answer = await model.generate(request);
      usage.push(...answer.usage);
      return answer.text;
    } catch (error) {
      if (error instanceof AgentError) usage.push(...error.usage);
      throw error;
    }
  }

  /** Returns the least amount that must be left to ask a question, in millionths of a US dollar. */
  function minCostOf(question: AnyQuestion): number {
    return maxCostOf(maxInputTokens(requestOf(question)), question.outputTokens.min, prices);
  }

  function checkCost(questions: readonly AnyQuestion[]): void {
    const needed = questions.reduce((sum, next) => sum + minCostOf(next), costOf(usage, prices) + reserved);
    if (needed > job.max_cost * 1e6) throw overMaxCost(job, model.name, needed);
  }

  async function ask<Answer>(question: Question<Answer>, upcoming: readonly AnyQuestion[] = []): Promise<Answer> {
    const { prompt, material, offlineAnswer } = question;
    const { min, max } = question.outputTokens;
    const upcomingCost = upcoming.reduce((sum, next) => sum + minCostOf(next), 0);
    let problems: string[] = [];
    promptVersions.add(prompt.version);

    for (const attempt of ["first", "repair"]) {
      if (signal?.aborted) throw new AgentError("aborted", "The worker stopped before the model was asked.");

      const request = requestOf(attempt === "repair" ? { ...question, material: { ...material, problems } } : question);
      const inputTokens = maxInputTokens(request);
      const taken = costOf(usage, prices) + reserved + upcomingCost;
      const affordable = affordableOutputTokens(job.max_cost * 1e6 - taken, inputTokens, prices);
      if (affordable < min) {
        if (attempt === "repair") problems.push("max_cost leaves too little to ask again");
        else throw overMaxCost(job, model.name, taken + maxCostOf(inputTokens, min, prices));
        break;
      }

      const maxOutputTokens = Math.min(affordable, max);
      const reservation = maxCostOf(inputTokens, maxOutputTokens, prices);
      reserved += reservation;
      const text = await generate({ ...request, maxOutputTokens, offlineAnswer, newId, signal }).finally(
        () => (reserved -= reservation),
      );
      const read = readAnswer(question, text);
      if (read.success) return read.answer;
      problems = read.problems;
    }
    throw new AgentError("invalid_answer", `The model's answer is not valid: ${problems.join("; ")}.`);
  }

  return { ask, checkCost, usage, promptVersions };
}

/** Returns the parts of a request that follow from the question alone. */
function requestOf({ prompt, answer, material }: AnyQuestion): Pick<ModelRequest, "system" | "data" | "schema"> {
  return { system: prompt.system, data: envelope(material), schema: schemaForModel(answer) };
}

type Read<Answer> = { success: true; answer: Answer } | { success: false; problems: string[] };

function readAnswer<Answer>(question: Question<Answer>, text: string): Read<Answer> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { success: false, problems: ["it is no JSON"] };
  }
  const parsed = question.answer.safeParse(json);
  const problems = parsed.success ? question.problems(parsed.data) : issuesOf(parsed.error);
  if (parsed.success && problems.length === 0) return { success: true, answer: parsed.data };
  // The problems quote the model's text, so their number and length are limited. They go into a message or a second
  // question.
  return { success: false, problems: problems.slice(0, 10).map((problem) => problem.toWellFormed().slice(0, 300)) };
}

/** Wraps the material in `<data>`. "<" is escaped, so that no text in the material can end the data. */
function envelope(material: object): string {
  return `<data>\n${JSON.stringify(material).replaceAll("<", "\\u003c")}\n</data>`;
}

/**
 * Makes the JSON schema of an answer. It has no lengths and patterns of strings, because providers refuse such schemas.
 * The answer is checked against them here.
 */
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
