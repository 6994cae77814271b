import { z } from "zod";

/** The result of `monthly_spending()`. Money is in US dollars. */
export const MonthlySpending = z.strictObject({
  /** The first day of the month (UTC). */
  month: z.iso.date(),
  /** The most that agents and embeddings may cost in the month. */
  monthly_limit: z.number(),
  spent: z.number(),
  /** The amount that is reserved for running jobs. */
  reserved: z.number(),
});
export type MonthlySpending = z.infer<typeof MonthlySpending>;
