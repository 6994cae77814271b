import { z } from "zod";

const weight = z.number().min(0).max(1);

/** `users.vibe_profile`: what the user cares for. Computed by the backend; clients read it. */
export const VibeProfile = z.object({
  /** Counts up with every aggregation, from 1. */
  version: z.int().positive(),
  /** The model that the vector is of. */
  model: z.string(),
  /** ISO 8601. */
  computed_at: z.iso.datetime({ offset: true }),
  /** How many thoughts the user's intentions care for. */
  cares: z.int().min(0),
  /** The heaviest 50, the first with weight 1. */
  circles: z.array(z.object({ circle_id: z.int(), weight })),
  /** As circles. */
  tags: z.array(z.object({ tag: z.string(), weight })),
  /** The weighted middle of what is cared for, at unit length, with 5 digits; null while nothing of it has a vector. */
  vector: z.array(z.number()).length(1536).nullable(),
});
export type VibeProfile = z.infer<typeof VibeProfile>;
