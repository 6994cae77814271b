import type { Enums } from "../../database.types.ts";

/** A campaign's figures, computed by SQL; null where a division by zero would be needed. Money is in US dollars. */
export interface CampaignFigures {
  id: string;
  name: string;
  status: Enums<"campaign_status">;
  budget: number;
  spend: number;
  /** What running jobs may still spend of the budget. */
  reserved: number;
  budget_remaining: number;
  impressions: number;
  clicks: number;
  conversions: number;
  /** As the user of the campaign keeps it. */
  roi: number | null;
  /** Clicks an impression, 0 to 1. */
  click_rate: number | null;
  /** Conversions a click, 0 to 1. */
  conversion_rate: number | null;
  cost_per_click: number | null;
  cost_per_conversion: number | null;
}
