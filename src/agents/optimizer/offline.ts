import type { CampaignFigures } from "../campaigns/campaign-figures.ts";
import { campaignKey } from "../campaigns/figure-placeholders.ts";
import type { Weights } from "./prompt.ts";

/** The weight of a campaign about which nothing is known. It pays for a trial. */
const trial = 20;

/**
 * Computes weights from the cost per conversion: the campaign with the lowest cost gets 100, one with twice that cost
 * gets 50.
 */
export function offlineWeights(figures: CampaignFigures[]): Weights {
  const isOver = ({ status }: CampaignFigures) => status === "completed" || status === "archived";
  // If all campaigns have ended, all get the same weight, because at least one weight must be above 0.
  const allOver = figures.every(isOver);
  const costs = figures
    .filter((campaign) => !isOver(campaign))
    .map(({ cost_per_conversion }) => cost_per_conversion)
    .filter((cost) => cost !== null && cost > 0);
  const lowest = Math.min(...costs.map(Number));

  return {
    summary: "More goes to campaigns whose conversions cost less, and a little to those that are still unknown.",
    campaigns: figures.map((figure, index) => {
      const key = campaignKey(index);
      const cost = figure.cost_per_conversion;
      if (isOver(figure)) {
        const reason = `{{${key}.name}} is {{${key}.status}}, so it needs no more than it has spent.`;
        return { campaign: key, weight: allOver ? trial : 0, reason };
      }
      if (cost === null || cost <= 0) {
        return { campaign: key, weight: trial, reason: "Its conversions have no known cost yet: enough to find out." };
      }
      const reason = `A conversion costs {{${key}.cost_per_conversion}} here.`;
      return { campaign: key, weight: Math.max(1, Math.round((100 * lowest) / cost)), reason };
    }),
  };
}
