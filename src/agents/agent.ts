import type { ZodType } from "zod";
import type { JsonObject } from "../database.ts";
import type { NewAsset } from "./agent-job.ts";
import type { CampaignFigures } from "./campaign-figures.ts";

export interface Prompt {
  /** `<agent_type>/<number>`; counts up with every change of the prompt or of the rules. */
  version: string;
  system: string;
}

/** What one agent type is made of. `Input` is what a person asks for, `Answer` what the model gives. */
export interface Agent<Input, Answer> {
  input: ZodType<Input>;
  answer: ZodType<Answer>;
  prompt: Prompt;
  /** Whether it works on the campaigns' figures. */
  usesFigures: boolean;
  /** Tokens: fewer than `min` can hold no useful answer, more than `max` are never paid for. */
  outputTokens(input: Input, figures: CampaignFigures[]): { min: number; max: number };
  /** Throws `invalid_input` when the figures do not allow what is asked for. */
  checkFigures?(input: Input, figures: CampaignFigures[]): void;
  /** What is wrong with an answer that its schema lets pass, each with its path; empty for a good one. */
  problems(answer: Answer, input: Input, figures: CampaignFigures[]): string[];
  /** A good answer made from the input alone, always the same for the same input. */
  draft(input: Input, figures: CampaignFigures[]): Answer;
  /** Makes what is stored from an answer without problems. */
  result(answer: Answer, input: Input, figures: CampaignFigures[]): { output_data: JsonObject; assets: NewAsset[] };
}
