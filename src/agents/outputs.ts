import { z } from "zod";
import type { AgentType } from "../jobs/agent-job.ts";
import { Persona } from "../schemas/persona.ts";
import { platforms } from "./inputs.ts";

/** What every output says of its origin. */
const origin = {
  /** `<agent_type>/<number>` */
  prompt_version: z.string(),
  model_used: z.string(),
};

/** Absent when there was nothing to ask a model. */
const originIfAny = { prompt_version: origin.prompt_version.optional(), model_used: origin.model_used.optional() };

export const SeoWriterOutput = z.strictObject({
  title: z.string(),
  meta_description: z.string(),
  keywords: z.array(z.string()),
  word_count: z.int(),
  /** The last part of an address. */
  slug: z.string(),
  ...origin,
});

export const EmailMarketerOutput = z.strictObject({
  mails: z.array(
    z.strictObject({
      subject: z.string(),
      preview_text: z.string(),
      /** Days after the first mail. */
      send_after_days: z.int(),
      /** From 1. */
      position: z.int(),
      of: z.int(),
    }),
  ),
  ...origin,
});

export const SocialMediaOutput = z.strictObject({
  posts: z.array(z.strictObject({ platform: z.enum(platforms), character_count: z.int() })),
  ...origin,
});

/** Money is in US dollars; null where a division by zero would be needed. */
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

export const OptimizerOutput = z.strictObject({
  goal: z.string().optional(),
  summary: z.string(),
  /** US dollars, as all that follow. */
  total_budget: z.number(),
  campaigns: z.array(
    z.strictObject({
      campaign_id: z.guid(),
      name: z.string(),
      current_budget: z.number(),
      proposed_budget: z.number(),
      change: z.number(),
      reason: z.string(),
    }),
  ),
  ...origin,
});

export const ThoughtOrganizerOutput = z.strictObject({
  dry_run: z.boolean(),
  /** Nothing had changed since the last run. */
  unchanged: z.boolean(),
  /** Thoughts that went into a circle that was there. */
  joined: z.array(z.strictObject({ thought_id: z.int(), circle_id: z.int() })),
  /** New circles. */
  circles: z.array(
    z.strictObject({
      name: z.string(),
      description: z.string(),
      tags: z.array(z.string()),
      thought_ids: z.array(z.int()),
      reflections: z.array(z.strictObject({ thought_id: z.int(), reflection: z.string() })),
    }),
  ),
  /** How many thoughts fit nowhere yet. */
  left: z.int(),
  /** How many have no vector yet. */
  not_embedded: z.int(),
  /** How many are for the next run. */
  remaining: z.int(),
  novelty: z.array(z.strictObject({ thought_id: z.int(), novelty_score: z.number() })),
  embedding_model: z.string(),
  ...originIfAny,
});

export const MemoryKeeperOutput = z.strictObject({
  looked_at: z.array(z.guid()),
  proposals: z.array(
    z.strictObject({ relation: z.enum(["same", "contradicts"]), older_id: z.guid(), newer_id: z.guid() }),
  ),
  memories: z.array(z.strictObject({ id: z.guid(), updated_at: z.string() })),
  pairs_compared: z.int(),
  /** How many are for the next run. */
  remaining: z.int(),
  without_vector: z.int(),
  ...originIfAny,
});

export const PersonaWriterOutput = z.strictObject({
  persona: Persona,
  parts: z.int(),
  facts: z.int(),
  dropped_facts: z.int(),
  dropped_claims: z.int(),
  ...origin,
});

/** What `output_data` of a completed job is, by agent type. */
export const agentOutputs = {
  seo_writer: SeoWriterOutput,
  email_marketer: EmailMarketerOutput,
  social_media: SocialMediaOutput,
  analyst: AnalystOutput,
  optimizer: OptimizerOutput,
  thought_organizer: ThoughtOrganizerOutput,
  memory_keeper: MemoryKeeperOutput,
  persona_writer: PersonaWriterOutput,
} satisfies Record<AgentType, z.ZodType>;
