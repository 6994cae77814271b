import type { ZodType } from "zod";
import type { JsonObject } from "../../database.ts";
import type { AgentJob, NewAsset } from "../../jobs/agent-job.ts";
import type { CampaignFigures } from "../campaigns/campaign-figures.ts";
import type { MemoriesToConsolidate } from "../memory-keeper/memories-to-consolidate.ts";
import type { ThoughtsToOrganize } from "../thought-organizer/thoughts-to-organize.ts";

export interface Prompt {
  /** `<agent_type>/<number>`; counts up with every change of the prompt or of the rules. */
  version: string;
  system: string;
}

/** One question to the model, and what makes its answer a good one. */
export interface Question<Answer> {
  prompt: Prompt;
  answer: ZodType<Answer>;
  /** Everything that the model is to know; it reaches the model as data. */
  material: object;
  /** Tokens: fewer than `min` can hold no useful answer, more than `max` are never paid for. */
  outputTokens: { min: number; max: number };
  /** What is wrong with an answer that its schema lets pass, each with its path; empty for a good one. */
  problems(answer: Answer): string[];
  /** A good answer made from the material alone, always the same for the same material. */
  offlineAnswer(): Answer;
}

/** A question, when only what it costs to ask matters. */
export type AnyQuestion = Pick<Question<unknown>, "prompt" | "answer" | "material" | "outputTokens">;

/** What an agent works with while it does one job. */
export interface AgentContext {
  readonly job: AgentJob;
  /**
   * Asks the model. An answer that does not hold is asked for once more, with its problems.
   *
   * @param upcoming questions that the job must still be able to pay for afterwards, each with its fewest output tokens
   * @returns an answer without problems
   * @throws {AgentError} `over_max_cost` before anything is spent when this and the upcoming ones may cost too much together,
   *   `invalid_answer` when the second answer does not hold either, or whatever the model throws
   */
  ask<Answer>(question: Question<Answer>, upcoming?: readonly AnyQuestion[]): Promise<Answer>;
  /** Throws `over_max_cost` unless the job can pay for all of these, each with its fewest output tokens. */
  checkCost(questions: readonly AnyQuestion[]): void;
  /** The figures of the campaigns that the job is about, among those of its user. */
  campaignFigures(): Promise<CampaignFigures[]>;
  /** The memories of the job's user that were not compared with those near them yet. */
  memoriesToConsolidate(): Promise<MemoriesToConsolidate>;
  /** The thoughts that the job's user has not placed. Only for a `thought_organizer` job. */
  thoughtsToOrganize(): Promise<ThoughtsToOrganize>;
}

/** What an agent makes of a job: its output, and the content that becomes rows of its own. */
export interface Result {
  output_data: JsonObject;
  assets: NewAsset[];
}

/**
 * One agent type. It writes nothing: what is stored besides the output and the assets is for the database to make of the
 * output, when it completes the job.
 */
export interface Agent<Input> {
  input: ZodType<Input>;
  run(input: Input, context: AgentContext): Promise<Result>;
}
