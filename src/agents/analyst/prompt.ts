import { z } from "zod";
import type { Prompt } from "../runtime/agent.ts";
import { rules } from "../runtime/prompt-rules.ts";
import { Text } from "../text/safe-text.ts";

export const analystPrompt: Prompt = {
  version: "analyst/1",
  system: `${rules}

Your task: analyse the campaigns whose figures are in "campaigns", and answer input.question, if given.
Never write a number yourself, neither in digits nor in words. Wherever a figure or a name belongs, write its placeholder:
{{c1.clicks}} is the clicks of c1, {{c1.name}} its name. A figure that is null is not known: do not use its placeholder.
click_rate is clicks by impressions, conversion_rate is conversions by clicks; both are shown as percentages, money in US
dollars with its sign, so write no unit beside them.
- summary: what the figures say as a whole, and the answer to the question.
- findings: exactly one for each campaign: campaign is its key (c1), text what its figures say.
- recommendations: 1 to 10 things to do next, the most useful first.`,
};

/** The model's answer. */
export const Analysis = z.strictObject({
  summary: Text.max(5000),
  findings: z.array(z.strictObject({ campaign: z.string(), text: Text.max(3000) })),
  recommendations: z.array(Text.max(2000)).min(1).max(10),
});
export type Analysis = z.infer<typeof Analysis>;
