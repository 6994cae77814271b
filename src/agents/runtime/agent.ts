import type { ZodType } from "zod";
import type { JsonObject } from "../../database.ts";
import type { AgentJob, NewAsset } from "../../jobs/agent-job.ts";
import type { CampaignFigures } from "../campaigns/campaign-figures.ts";
import type { MemoriesToConsolidate } from "../memory-keeper/memories-to-consolidate.ts";
import type { ThoughtsToOrganize } from "../thought-organizer/thoughts-to-organize.ts";

export interface Prompt {
  /** `<agent_type>/<number>`. The number grows with every change of the prompt or of the rules. */
  version: string;
  system: string;
}

/** One question to the model, and the checks of its answer. */
export interface Question<Answer> {
  prompt: Prompt;
  answer: ZodType<Answer>;
  /** Everything that the model needs to know. It is sent as data, not as instructions. */
  material: object;
  /** In tokens. A useful answer needs at least `min`. More than `max` are never paid for. */
  outputTokens: { min: number; max: number };
  /** Lists the problems that the schema does not find, each with its path. The list is empty for a good answer. */
  problems(answer: Answer): string[];
  /** Computes a good answer from the material alone. The same material gives the same answer. */
  offlineAnswer(): Answer;
}

/** The parts of a question that decide what it costs to ask. */
export type AnyQuestion = Pick<Question<unknown>, "prompt" | "answer" | "material" | "outputTokens">;

/** What an agent may use while it runs one job. */
export interface AgentContext {
  readonly job: AgentJob;
  /**
   * Asks the model. If the answer has problems, it asks once more and sends the problems along.
   *
   * @param upcoming questions for which the job must still be able to pay afterwards, each with its fewest output
   *   tokens
   * @returns an answer without problems
   * @throws {AgentError} `over_max_cost` before anything is spent, if this question and the upcoming ones together may
   *   cost too much; `invalid_answer` if the second answer has problems too; or any error of the model
   */
  ask<Answer>(question: Question<Answer>, upcoming?: readonly AnyQuestion[]): Promise<Answer>;
  /** Throws `over_max_cost` if the job cannot pay for all of these questions, each with its fewest output tokens. */
  checkCost(questions: readonly AnyQuestion[]): void;
  /** Reads the figures of the campaigns that the job names, if they belong to its user. */
  campaignFigures(): Promise<CampaignFigures[]>;
  /** Reads the memories of the job's user that were not compared yet, and the memories similar to them. */
  memoriesToConsolidate(): Promise<MemoriesToConsolidate>;
  /** Reads the thoughts of the job's user that nobody has placed. Only for a `thought_organizer` job. */
  thoughtsToOrganize(): Promise<ThoughtsToOrganize>;
}

/** The result of an agent for one job: the output, and the content assets, which become rows of their own. */
export interface Result {
  output_data: JsonObject;
  assets: NewAsset[];
}

/**
 * The code of one agent type. It does not write to the database: when the database completes the job, it stores the
 * output and the assets, and carries out what the output says.
 */
export interface Agent<Input> {
  input: ZodType<Input>;
  run(input: Input, context: AgentContext): Promise<Result>;
}
