import { z } from "zod";
import { origin } from "../runtime/origin.ts";

/** Money is in US dollars. A figure is null if computing it would divide by zero. */
const Figures = z.strictObject({
  status: z.string(),
  budget: z.number(),
  spend: z.number(),
  reserved: z.number(),
  budget_remaining: z.number(),
  impressions: z.number(),
  clicks: z.number(),
  conversions: z.number(),
  roi: z.number().nullable(),
  click_rate: z.number().nullable(),
  conversion_rate: z.number().nullable(),
  cost_per_click: z.number().nullable(),
  cost_per_conversion: z.number().nullable(),
});

export const AnalystOutput = z.strictObject({
  question: z.string().optional(),
  summary: z.string(),
  campaigns: z.array(
    z.strictObject({ campaign_id: z.guid(), name: z.string(), finding: z.string(), figures: Figures }),
  ),
  recommendations: z.array(z.string()),
  ...origin,
});
