import { z } from "zod";

/** What `monthly_spending()` gives. Money is in US dollars. */
export const MonthlySpending = z.strictObject({
  /** The month's first day, in UTC. */
  month: z.iso.date(),
  /** The most that the month may cost. */
  monthly_limit: z.number(),
  spent: z.number(),
  /** What running jobs may still spend. */
  reserved: z.number(),
});
export type MonthlySpending = z.infer<typeof MonthlySpending>;
