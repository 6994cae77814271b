import type { ZodType } from "zod";
import type { Agent, Prompt, Result } from "./agent.ts";
import type { CampaignFigures } from "../campaigns/campaign-figures.ts";
import { figuresForModel } from "../campaigns/figure-placeholders.ts";

/** An agent that asks one question. `Input` is what a user asks for, `Answer` what the model gives. */
export interface OneQuestion<Input, Answer> {
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
  offlineAnswer(input: Input, figures: CampaignFigures[]): Answer;
  /** Makes what is stored from an answer without problems. */
  result(answer: Answer, input: Input, figures: CampaignFigures[]): Result;
}

/** The agent that asks this question about its input, and about the campaigns' figures if it uses them. */
export function oneQuestion<Input, Answer>(
  asker: OneQuestion<Input, Answer>,
): Agent<Input> & OneQuestion<Input, Answer> {
  return {
    ...asker,
    async run(input, context) {
      const figures = asker.usesFigures ? await context.campaignFigures() : [];
      asker.checkFigures?.(input, figures);
      const answer = await context.ask({
        prompt: asker.prompt,
        answer: asker.answer,
        material: { input, ...(asker.usesFigures && { campaigns: figuresForModel(figures) }) },
        outputTokens: asker.outputTokens(input, figures),
        problems: (given) => asker.problems(given, input, figures),
        offlineAnswer: () => asker.offlineAnswer(input, figures),
      });
      return asker.result(answer, input, figures);
    },
  };
}
