import { z } from "zod";

const weight = z.number().min(0).max(1);

/** `users.vibe_profile`: what the user cares for. The backend computes it; clients only read it. */
export const VibeProfile = z.object({
  /** Starts at 1 and grows by 1 with every computation. */
  version: z.int().positive(),
  /** The embedding model of `vector`. */
  model: z.string(),
  /** ISO 8601. */
  computed_at: z.iso.datetime({ offset: true }),
  /** The number of thoughts that the user's intentions are for. */
  cares: z.int().min(0),
  /** The 50 circles with the highest weights, in this order. The first has weight 1. */
  circles: z.array(z.object({ circle_id: z.int(), weight })),
  /** The same for tags. */
  tags: z.array(z.object({ tag: z.string(), weight })),
  /**
   * The weighted mean of the embeddings of these thoughts, at unit length, with 5 digits; null if none has an
   * embedding.
   */
  vector: z.array(z.number()).length(1536).nullable(),
});
export type VibeProfile = z.infer<typeof VibeProfile>;
