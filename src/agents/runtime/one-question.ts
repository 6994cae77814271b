import type { ZodType } from "zod";
import type { Agent, Prompt, Result } from "./agent.ts";
import type { CampaignFigures } from "../campaigns/campaign-figures.ts";
import { figuresForModel } from "../campaigns/figure-placeholders.ts";

/** An agent that asks one question. `Input` is the input of the job, `Answer` the answer of the model. */
export interface OneQuestion<Input, Answer> {
  input: ZodType<Input>;
  answer: ZodType<Answer>;
  prompt: Prompt;
  /** True if the agent reads the campaigns' figures. */
  usesFigures: boolean;
  /** In tokens. A useful answer needs at least `min`. More than `max` are never paid for. */
  outputTokens(input: Input, figures: CampaignFigures[]): { min: number; max: number };
  /** Throws `invalid_input` if the request is not possible with these figures. */
  checkFigures?(input: Input, figures: CampaignFigures[]): void;
  /** Lists the problems that the schema does not find, each with its path. The list is empty for a good answer. */
  problems(answer: Answer, input: Input, figures: CampaignFigures[]): string[];
  /** Computes a good answer from the input alone. The same input gives the same answer. */
  offlineAnswer(input: Input, figures: CampaignFigures[]): Answer;
  /** Makes the result that is stored from an answer without problems. */
  result(answer: Answer, input: Input, figures: CampaignFigures[]): Result;
}

/** Makes an agent that asks this question about its input, and about the campaigns' figures if it uses them. */
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
