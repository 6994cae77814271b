import { type Repository, repository } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { Changes, Client, Filter, New, Row } from "../types.ts";

/**
 * A campaign. Money is in US dollars. `spend` is the sum of the campaign's ledger entries; `budget_remaining` and
 * `budget_used_percentage` are computed from it. The amount that is reserved for running jobs must be selected by name:
 * `gw.supabase.from("campaigns").select("*, reserved")`.
 */
export type Campaign = Row<"campaigns">;
type Column = "name" | "description" | "status" | "budget" | "start_date" | "end_date";
/** The fields of a new campaign. Fields with a default are optional. */
export type NewCampaign = New<"campaigns", Column>;
/** The fields of a campaign that can be changed. */
export type CampaignChanges = Changes<"campaigns", Column>;
/** Columns by which campaigns can be filtered. */
export type CampaignFilter = Filter<"campaigns", "status" | "name">;

/** Marketing campaigns, whose budgets pay for jobs. */
export interface CampaignsDomain extends Repository<Campaign, NewCampaign, CampaignChanges, CampaignFilter> {
  /** Starts or resumes a campaign. */
  activate(id: string, options?: RequestOptions): Promise<Campaign>;
  /** Pauses a campaign: none of its jobs is started. Jobs that are running are finished. */
  pause(id: string, options?: RequestOptions): Promise<Campaign>;
  complete(id: string, options?: RequestOptions): Promise<Campaign>;
  archive(id: string, options?: RequestOptions): Promise<Campaign>;
}

/** The domain `gw.campaigns` alone, on an existing client. */
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
