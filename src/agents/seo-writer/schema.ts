import { z } from "zod";
import { origin, words } from "../runtime/schema-parts.ts";

export const SeoWriterInput = z.strictObject({
  topic: words(500),
  keywords: z.array(words(100)).max(20).default([]),
  /** In words. */
  length: z.int().min(100).max(5000).default(800),
  audience: words(200).optional(),
  tone: words(100).optional(),
});
export type SeoWriterInput = z.infer<typeof SeoWriterInput>;

export const SeoWriterOutput = z.strictObject({
  title: z.string(),
  meta_description: z.string(),
  keywords: z.array(z.string()),
  word_count: z.int(),
  /** The last part of an address. */
  slug: z.string(),
  ...origin,
});
