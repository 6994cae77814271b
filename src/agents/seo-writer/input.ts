import { z } from "zod";
import { words } from "../text/words.ts";

export const SeoWriterInput = z.strictObject({
  topic: words(500),
  keywords: z.array(words(100)).max(20).default([]),
  /** In words. */
  length: z.int().min(100).max(5000).default(800),
  audience: words(200).optional(),
  tone: words(100).optional(),
});
export type SeoWriterInput = z.infer<typeof SeoWriterInput>;
