import { ThoughtOrganizerInput } from "../../../src/agents/thought-organizer/input.ts";
import { createJobHandler } from "../_shared/job-handler.ts";

/** Answers `POST /functions/v1/organize-thoughts`: puts a user's thoughts into circles. */
export const organizeThoughts = createJobHandler("thought_organizer", ThoughtOrganizerInput, {
  maxBytes: 4096,
  example: 'nothing, or {"dry_run": true}',
});
