import { z } from "zod";

export const ThoughtOrganizerInput = z.strictObject({
  /** If true, the result says what would be done, and nothing is changed. */
  dry_run: z.boolean().optional(),
});
export type ThoughtOrganizerInput = z.infer<typeof ThoughtOrganizerInput>;
