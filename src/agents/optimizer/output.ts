import { z } from "zod";
import { origin } from "../runtime/origin.ts";

export const OptimizerOutput = z.strictObject({
  goal: z.string().optional(),
  summary: z.string(),
  /** US dollars. The other amounts are in US dollars too. */
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
