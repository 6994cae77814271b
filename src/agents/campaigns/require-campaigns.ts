import { AgentError } from "../../jobs/agent-error.ts";
import type { CampaignFigures } from "./campaign-figures.ts";

/** The figures of more campaigns would not fit into one question. */
const maxCampaigns = 100;

/** Throws `invalid_input` if there are no campaigns to work on, or too many of them. */
export function requireCampaigns({ length }: CampaignFigures[]): void {
  if (length === 0) throw new AgentError("invalid_input", "There is no campaign yet: create one, and ask again.");
  if (length > maxCampaigns) {
    throw new AgentError(
      "invalid_input",
      `${length} campaigns are too many for one job, which takes ${maxCampaigns}: name fewer.`,
    );
  }
}
