import { z } from "zod";
import { words } from "../text/words.ts";

export const AnalystInput = z.strictObject({
  question: words(1000).optional(),
  /** If absent: all campaigns of the user. */
  campaign_ids: z.array(z.guid()).min(1).max(100).optional(),
});
export type AnalystInput = z.infer<typeof AnalystInput>;
