import type { AgentType } from "../agent-types.ts";
import type { JsonObject } from "../database.ts";
import type { Enums } from "../database.types.ts";

export type { AgentType };
export type ContentType = Enums<"content_type">;

/** A claimed job, as the worker hands it to `runJob`. */
export interface AgentJob {
  id: string;
  user_id: string;
  agent_type: AgentType;
  input_data: JsonObject;
  campaign_id: string | null;
  /** How many attempts failed before this one. */
  retry_count: number;
  /** What this attempt may cost, in US dollars. */
  max_cost: number;
}

/** A row of `content_assets` to be. Whose it is, its campaign and its status (review) are the database's to set. */
export interface NewAsset {
  title: string;
  content: string;
  content_type: ContentType;
  metadata: JsonObject;
}

export type UsageKind = Enums<"usage_kind">;

/** What one request used of one kind. Each token counts once: input without the cached, output without reasoning. */
export interface Usage {
  /** The model as it was asked for, which is the name that has a price. */
  model: string;
  kind: UsageKind;
  /** Tokens, images or searches: an integer above 0. */
  quantity: number;
  /** The provider's id of the request, at most 200 characters; a generated one if it gave none. */
  request_id: string;
}

/** What `complete_agent_job` takes. */
export interface JobOutcome {
  output_data: JsonObject;
  assets: NewAsset[];
  usage: Usage[];
}
