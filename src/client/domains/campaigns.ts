import { type Repository, repository } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { Changes, Client, Filter, New, Row } from "../types.ts";

/**
 * Money is in US dollars. `spend` is the sum of the campaign's ledger; `budget_remaining` and `budget_used_percentage` follow
 * from it. What running jobs may still spend has to be asked for: `gw.supabase.from("campaigns").select("*, reserved")`.
 */
export type Campaign = Row<"campaigns">;
type Column = "name" | "description" | "status" | "budget" | "start_date" | "end_date";
/** What a campaign is made of. What has a default may be left out. */
export type NewCampaign = New<"campaigns", Column>;
/** What may be changed of a campaign. */
export type CampaignChanges = Changes<"campaigns", Column>;
/** Columns by which a campaign is found. */
export type CampaignFilter = Filter<"campaigns", "status" | "name">;

/** Marketing campaigns, whose budgets pay for jobs. */
export interface CampaignsDomain extends Repository<Campaign, NewCampaign, CampaignChanges, CampaignFilter> {
  /** Starts a campaign, or goes on with it. */
  activate(id: string, options?: RequestOptions): Promise<Campaign>;
  /** Stops its jobs from being started; those that run are finished. */
  pause(id: string, options?: RequestOptions): Promise<Campaign>;
  complete(id: string, options?: RequestOptions): Promise<Campaign>;
  archive(id: string, options?: RequestOptions): Promise<Campaign>;
}

/** The domain `gw.campaigns` alone, on a client that is there already. */
export function campaigns(supabase: Client, settings?: RequestSettings): CampaignsDomain {
  const backend = { supabase, settings };
  const rows = repository<Campaign, NewCampaign, CampaignChanges, CampaignFilter>(backend, "campaigns");
  return {
    ...rows,
    activate: (id, options) => rows.update(id, { status: "active" }, options),
    pause: (id, options) => rows.update(id, { status: "paused" }, options),
    complete: (id, options) => rows.update(id, { status: "completed" }, options),
    archive: (id, options) => rows.update(id, { status: "archived" }, options),
  };
}
