import { z } from "zod";

/** `users.vibe_profile`: what the person cares for. Computed by the backend; clients read it. */
export const VibeProfile = z.object({
  /** Counts up with every aggregation, from 1. */
  version: z.int().positive(),
  /** Weight of each tag among what the person cares for, 0 to 1. */
  tags: z.record(z.string(), z.number().min(0).max(1)),
});
export type VibeProfile = z.infer<typeof VibeProfile>;
