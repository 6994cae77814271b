import { type Repository, repository } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { Changes, Client, Filter, New, Row } from "../types.ts";

/** A text that you or an agent (`agent_job_id`) wrote. */
export type ContentAsset = Row<"content_assets">;
/** The fields of a new content asset. Fields with a default are optional. */
export type NewContentAsset = New<"content_assets", "title" | "content" | "content_type" | "metadata" | "campaign_id">;
/** The fields of a content asset that can be changed. */
export type ContentAssetChanges = Changes<
  "content_assets",
  "title" | "content" | "content_type" | "status" | "metadata" | "campaign_id"
>;
/** Columns by which content assets can be filtered. */
export type ContentAssetFilter = Filter<"content_assets", "status" | "content_type" | "campaign_id" | "agent_job_id">;

/**
 * Content assets and their workflow: draft, review, approved, published, archived, one step at a time. A text that an
 * agent wrote starts in review. A step that the workflow does not have is a `conflict` (GW601).
 */
export interface ContentAssetsDomain extends Repository<
  ContentAsset,
  NewContentAsset,
  ContentAssetChanges,
  ContentAssetFilter
> {
  /** Moves an asset from draft to review. */
  submit(id: string, options?: RequestOptions): Promise<ContentAsset>;
  /** Moves an asset from review back to draft. */
  sendBack(id: string, options?: RequestOptions): Promise<ContentAsset>;
  /**
   * Moves an asset from review to approved. Only the user to whom it belongs can do this.
   *
   * @throws GroundworkError `forbidden` (GW602), `conflict` (GW601)
   */
  approve(id: string, options?: RequestOptions): Promise<ContentAsset>;
  /** Moves an asset from approved to published. */
  publish(id: string, options?: RequestOptions): Promise<ContentAsset>;
  /** Moves an asset from published to archived. */
  archive(id: string, options?: RequestOptions): Promise<ContentAsset>;
}

/** The domain `gw.content` alone, on an existing client. */
export function contentAssets(supabase: Client, settings?: RequestSettings): ContentAssetsDomain {
  const backend = { supabase, settings };
  const rows = repository<ContentAsset, NewContentAsset, ContentAssetChanges, ContentAssetFilter>(
    backend,
    "content_assets",
  );
  return {
    ...rows,
    submit: (id, options) => rows.update(id, { status: "review" }, options),
    sendBack: (id, options) => rows.update(id, { status: "draft" }, options),
    approve: (id, options) => rows.update(id, { status: "approved" }, options),
    publish: (id, options) => rows.update(id, { status: "published" }, options),
    archive: (id, options) => rows.update(id, { status: "archived" }, options),
  };
}
