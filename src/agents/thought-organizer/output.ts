import { z } from "zod";
import { originIfAny } from "../runtime/origin.ts";

export const ThoughtOrganizerOutput = z.strictObject({
  dry_run: z.boolean(),
  /** True if nothing had changed since the last run. */
  unchanged: z.boolean(),
  /** Thoughts that were put into existing circles. */
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
  /** How many thoughts fit into no circle yet. */
  left: z.int(),
  /** How many thoughts have no embedding yet. */
  not_embedded: z.int(),
  /** How many thoughts are left for the next run. */
  remaining: z.int(),
  novelty: z.array(z.strictObject({ thought_id: z.int(), novelty_score: z.number() })),
  embedding_model: z.string(),
  ...originIfAny,
});
