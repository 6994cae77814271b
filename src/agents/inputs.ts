import { z } from "zod";
import type { AgentType } from "../jobs/agent-job.ts";

const words = (max: number) => z.string().max(max).regex(/\S/, { error: "must not be blank" });

export const platforms = ["twitter", "linkedin", "facebook", "instagram"] as const;
export type Platform = (typeof platforms)[number];

export const SeoWriterInput = z.strictObject({
  topic: words(500),
  keywords: z.array(words(100)).max(20).default([]),
  /** In words. */
  length: z.int().min(100).max(5000).default(800),
  audience: words(200).optional(),
  tone: words(100).optional(),
});
export type SeoWriterInput = z.infer<typeof SeoWriterInput>;

export const EmailMarketerInput = z.strictObject({
  goal: words(500),
  type: z.enum(["single", "sequence"]).default("single"),
  audience: words(200).optional(),
  tone: words(100).optional(),
  offer: words(500).optional(),
});
export type EmailMarketerInput = z.infer<typeof EmailMarketerInput>;

export const SocialMediaInput = z.strictObject({
  topic: words(500),
  platforms: z
    .array(z.enum(platforms))
    .min(1)
    .refine((list) => new Set(list).size === list.length, { error: "names a platform twice" })
    .default([...platforms]),
  audience: words(200).optional(),
  tone: words(100).optional(),
  /** Stands in every post. */
  link: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .optional(),
});
export type SocialMediaInput = z.infer<typeof SocialMediaInput>;

export const AnalystInput = z.strictObject({
  question: words(1000).optional(),
  /** Absent: all of the user's campaigns. */
  campaign_ids: z.array(z.guid()).min(1).max(100).optional(),
});
export type AnalystInput = z.infer<typeof AnalystInput>;

export const OptimizerInput = z.strictObject({
  goal: words(1000).optional(),
  /** US dollars; absent: the sum of the campaigns' present budgets. */
  total_budget: z.number().positive().max(1e9).optional(),
});
export type OptimizerInput = z.infer<typeof OptimizerInput>;

export const ThoughtOrganizerInput = z.strictObject({
  /** Says what would be done, and does nothing. */
  dry_run: z.boolean().optional(),
});
export type ThoughtOrganizerInput = z.infer<typeof ThoughtOrganizerInput>;

export const MemoryKeeperInput = z.strictObject({
  /** Absent: all that may need it. */
  memory_ids: z.array(z.guid()).min(1).max(1000).optional(),
});
export type MemoryKeeperInput = z.infer<typeof MemoryKeeperInput>;

export const PersonaWriterInput = z.strictObject({
  raw_text: words(1_000_000),
  title: words(200).optional(),
  source: words(500).optional(),
  /** The id of the persona that is made anew. */
  replaces: z.guid().optional(),
});
export type PersonaWriterInput = z.infer<typeof PersonaWriterInput>;

/** What `input_data` of a job has to be, by agent type. Unknown keys are refused. */
export const agentInputs = {
  seo_writer: SeoWriterInput,
  email_marketer: EmailMarketerInput,
  social_media: SocialMediaInput,
  analyst: AnalystInput,
  optimizer: OptimizerInput,
  thought_organizer: ThoughtOrganizerInput,
  memory_keeper: MemoryKeeperInput,
  persona_writer: PersonaWriterInput,
} satisfies Record<AgentType, z.ZodType>;
