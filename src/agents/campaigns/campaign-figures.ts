import type { Enums } from "../../database.types.ts";

/**
 * A campaign's figures, computed by SQL. Money is in US dollars. A figure is null if computing it would divide by zero.
 */
export interface CampaignFigures {
  id: string;
  name: string;
  status: Enums<"campaign_status">;
  budget: number;
  spend: number;
  /** The part of the budget that is reserved for running jobs. */
  reserved: number;
  budget_remaining: number;
  impressions: number;
  clicks: number;
  conversions: number;
  /** The value that the user has entered for the campaign. */
  roi: number | null;
  /** Clicks per impression, 0 to 1. */
  click_rate: number | null;
  /** Conversions per click, 0 to 1. */
  conversion_rate: number | null;
  cost_per_click: number | null;
  cost_per_conversion: number | null;
}
