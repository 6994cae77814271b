import { z } from "zod";
import { words } from "../text/words.ts";

export const OptimizerInput = z.strictObject({
  goal: words(1000).optional(),
  /** US dollars. If absent: the sum of the campaigns' present budgets. */
  total_budget: z.number().positive().max(1e9).optional(),
});
export type OptimizerInput = z.infer<typeof OptimizerInput>;
