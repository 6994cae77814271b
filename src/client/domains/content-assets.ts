import { type Repository, repository } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { Changes, Client, Filter, New, Row } from "../types.ts";

/** What was written, by you or by an agent (`agent_job_id`). */
export type ContentAsset = Row<"content_assets">;
/** What content is made of. What has a default may be left out. */
export type NewContentAsset = New<"content_assets", "title" | "content" | "content_type" | "metadata" | "campaign_id">;
/** What may be changed of content. */
export type ContentAssetChanges = Changes<
  "content_assets",
  "title" | "content" | "content_type" | "status" | "metadata" | "campaign_id"
>;
/** Columns by which content is found. */
export type ContentAssetFilter = Filter<"content_assets", "status" | "content_type" | "campaign_id" | "agent_job_id">;

/**
 * Content on its way from draft to review, approved, published, archived, one step at a time. What an agent wrote starts in
 * review. A step that the workflow does not have is a `conflict` (GW601).
 */
export interface ContentAssetsDomain extends Repository<
  ContentAsset,
  NewContentAsset,
  ContentAssetChanges,
  ContentAssetFilter
> {
  /** From draft to review. */
  submit(id: string, options?: RequestOptions): Promise<ContentAsset>;
  /** From review back to draft. */
  sendBack(id: string, options?: RequestOptions): Promise<ContentAsset>;
  /**
   * From review to approved, which only the user whose content it is does.
   *
   * @throws GroundworkError `forbidden` (GW602), `conflict` (GW601)
   */
  approve(id: string, options?: RequestOptions): Promise<ContentAsset>;
  /** From approved to published. */
  publish(id: string, options?: RequestOptions): Promise<ContentAsset>;
  /** From published to archived. */
  archive(id: string, options?: RequestOptions): Promise<ContentAsset>;
}

/** The domain `gw.content` alone, on a client that is there already. */
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
