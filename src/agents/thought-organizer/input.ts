import { z } from "zod";

export const ThoughtOrganizerInput = z.strictObject({
  /** Says what would be done, and does nothing. */
  dry_run: z.boolean().optional(),
});
export type ThoughtOrganizerInput = z.infer<typeof ThoughtOrganizerInput>;
