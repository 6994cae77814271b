import { z } from "zod";
import type { Prompt } from "../runtime/agent.ts";
import { rules } from "../runtime/prompt-rules.ts";
import { Text } from "../text/safe-text.ts";

export const optimizerPrompt: Prompt = {
  version: "optimizer/1",
  system: `${rules}

Your task: advise how to divide a budget between the campaigns whose figures are in "campaigns", towards input.goal, if given.
You do not compute amounts. Give each campaign a weight; the program divides the budget in proportion to them.
- campaigns: exactly one entry for each campaign: campaign is its key (c1); weight an integer from 0 (nothing beyond what is
  already spent) to 100, at least one of them above 0; reason says why.
- summary: the thought behind the weights.
In reason and summary never write a number yourself, neither in digits nor in words. Wherever a figure or a name belongs,
write its placeholder: {{c1.clicks}} is the clicks of c1, {{c1.name}} its name. A figure that is null is not known: do not
use its placeholder. Rates are shown as percentages, money in US dollars with its sign, so write no unit beside them.`,
};

/** The model's answer. */
export const Weights = z.strictObject({
  summary: Text.max(3000),
  campaigns: z.array(z.strictObject({ campaign: z.string(), weight: z.int().min(0).max(100), reason: Text.max(2000) })),
});
export type Weights = z.infer<typeof Weights>;
