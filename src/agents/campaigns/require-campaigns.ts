import { AgentError } from "../../jobs/agent-error.ts";
import type { CampaignFigures } from "./campaign-figures.ts";

/** More would not fit into one question. */
const maxCampaigns = 100;

/** Throws `invalid_input` unless there are campaigns to work on, and not too many. */
export function requireCampaigns({ length }: CampaignFigures[]): void {
  if (length === 0) throw new AgentError("invalid_input", "There is no campaign yet: make one, and ask again.");
  if (length > maxCampaigns) {
    throw new AgentError(
      "invalid_input",
      `${length} campaigns are too many for one job, which takes ${maxCampaigns}: name fewer.`,
    );
  }
}
