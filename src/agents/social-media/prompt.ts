import { z } from "zod";
import type { Prompt } from "../runtime/agent.ts";
import { rules } from "../runtime/prompt-rules.ts";
import { Text } from "../text/safe-text.ts";
import { platforms } from "./input.ts";

export const socialMediaPrompt: Prompt = {
  version: "social_media/1",
  system: `${rules}

Your task: write one post on input.topic for each of input.platforms, in that platform's manner. Address
input.audience in input.tone, if given.
- twitter: at most 280 characters, a web address counting as 23 and an emoji as 2.
- linkedin: at most 3000 characters. facebook: at most 63206, but short is better. instagram: at most 2200.
- text is plain text, no Markdown. If input.link is given, every post contains it exactly as it is.`,
};

/** The model's answer. */
export const Posts = z.strictObject({
  posts: z
    .array(z.strictObject({ platform: z.enum(platforms), text: Text.max(63_206) }))
    .min(1)
    .max(platforms.length),
});
export type Posts = z.infer<typeof Posts>;
