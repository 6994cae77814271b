import { z } from "zod";
import type { Prompt } from "../runtime/agent.ts";
import { rules } from "../runtime/prompt-rules.ts";
import { Line, Text } from "../text/safe-text.ts";

export const seoWriterPrompt: Prompt = {
  version: "seo_writer/1",
  system: `${rules}

Your task: write a blog post on input.topic that people want to read and search engines find.
- content: Markdown with "##" headings, about input.length words, without the title. Use each of input.keywords where it
  reads naturally. Address input.audience in input.tone, if given. Claim nothing that you do not know to be true.
- title: one line, at most 120 characters.
- meta_description: one line of 50 to 160 characters that says what the reader gets.
- keywords: 1 to 20, each at most 100 characters, the most important first.`,
};

/** The model's answer. */
export const BlogPost = z.strictObject({
  title: Line.max(150),
  meta_description: Line.min(50).max(160),
  keywords: z.array(Line.max(100)).min(1).max(20),
  content: Text.max(100_000),
});
export type BlogPost = z.infer<typeof BlogPost>;
