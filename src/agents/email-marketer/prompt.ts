import { z } from "zod";
import type { Prompt } from "../runtime/agent.ts";
import { rules } from "../runtime/prompt-rules.ts";
import { Line, Text } from "../text/safe-text.ts";

export const emailMarketerPrompt: Prompt = {
  version: "email_marketer/1",
  system: `${rules}

Your task: write marketing e-mail that reaches input.goal. If input.type is "single", mails has exactly one; if it is
"sequence", mails has 2 to 5 that build on each other.
- subject: one line, at most 150 characters, honest about what is inside.
- preview_text: one line, at most 150 characters, that goes on from the subject and does not repeat it.
- body: Markdown, with a greeting, one clear call to action and a closing. Mention input.offer as it is given; promise
  nothing beyond it. Address input.audience in input.tone, if given.
- send_after_days: days after the first mail, 0 for the first, growing from mail to mail, at most 90.`,
};

/** The model's answer. */
export const Mails = z.strictObject({
  mails: z
    .array(
      z.strictObject({
        subject: Line.max(150),
        preview_text: Line.max(150),
        body: Text.max(20_000),
        send_after_days: z.int().min(0).max(90),
      }),
    )
    .min(1)
    .max(5),
});
export type Mails = z.infer<typeof Mails>;
