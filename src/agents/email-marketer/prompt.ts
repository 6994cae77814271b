import type { Prompt } from "../runtime/agent.ts";
import { rules } from "../runtime/prompt-rules.ts";

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
