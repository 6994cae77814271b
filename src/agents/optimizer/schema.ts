import { z } from "zod";
import { origin, words } from "../runtime/schema-parts.ts";

export const OptimizerInput = z.strictObject({
  goal: words(1000).optional(),
  /** US dollars; absent: the sum of the campaigns' present budgets. */
  total_budget: z.number().positive().max(1e9).optional(),
});
export type OptimizerInput = z.infer<typeof OptimizerInput>;

export const OptimizerOutput = z.strictObject({
  goal: z.string().optional(),
  summary: z.string(),
  /** US dollars, as all that follow. */
  total_budget: z.number(),
  campaigns: z.array(
    z.strictObject({
      campaign_id: z.guid(),
      name: z.string(),
      current_budget: z.number(),
      proposed_budget: z.number(),
      change: z.number(),
      reason: z.string(),
    }),
  ),
  ...origin,
});
