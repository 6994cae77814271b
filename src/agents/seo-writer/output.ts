import { z } from "zod";
import { origin } from "../runtime/origin.ts";

export const SeoWriterOutput = z.strictObject({
  title: z.string(),
  meta_description: z.string(),
  keywords: z.array(z.string()),
  word_count: z.int(),
  /** The last part of the post's URL. */
  slug: z.string(),
  ...origin,
});
