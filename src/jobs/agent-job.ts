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
  /** The most that this attempt may cost, in US dollars. */
  max_cost: number;
}

/** A new row of `content_assets`. The database sets its user, its campaign and its status (`review`). */
export interface NewAsset {
  title: string;
  content: string;
  content_type: ContentType;
  metadata: JsonObject;
}

export type UsageKind = Enums<"usage_kind">;

/**
 * What one request used of one usage kind. Each token counts once: `input` excludes cached tokens, `output` excludes
 * reasoning.
 */
export interface Usage {
  /** The model's name as it was requested. This name has a price. */
  model: string;
  kind: UsageKind;
  /** Tokens, images or searches: an integer above 0. */
  quantity: number;
  /** The provider's id of the request, at most 200 characters. If the provider gave none, a generated id. */
  request_id: string;
}

/** The arguments of `complete_agent_job`. */
export interface JobOutcome {
  output_data: JsonObject;
  assets: NewAsset[];
  usage: Usage[];
}
