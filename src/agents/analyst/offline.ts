import type { Analysis } from "./prompt.ts";
import type { CampaignFigures } from "../campaigns/campaign-figures.ts";
import { campaignKey } from "../campaigns/figure-placeholders.ts";

type Measure = "click_rate" | "conversion_rate" | "cost_per_conversion";

/** Writes an analysis that compares the campaigns by their figures. */
export function offlineAnalysis(figures: CampaignFigures[]): Analysis {
  const clicked = best(figures, "click_rate", Math.max);
  const converting = best(figures, "conversion_rate", Math.max);
  const cheapest = best(figures, "cost_per_conversion", Math.min);

  const summary = [
    clicked && `Most often clicked is {{${clicked}.name}}, with a click rate of {{${clicked}.click_rate}}.`,
    converting &&
      `{{${converting}.name}} turns clicks into conversions best, at {{${converting}.conversion_rate}} of its clicks.`,
    cheapest && `A conversion costs least in {{${cheapest}.name}}: {{${cheapest}.cost_per_conversion}}.`,
  ].filter((sentence) => sentence !== undefined);

  const recommendations = [
    cheapest && `Give {{${cheapest}.name}} more of the budget, and watch whether its cost per conversion stays low.`,
    ...figures.map((campaign, index) => advice(campaign, campaignKey(index))),
    "Look at the figures again after a change, and change one thing at a time.",
  ].filter((sentence) => sentence !== undefined);

  return {
    summary: summary.join(" ") || "Nobody has seen these campaigns yet, so there is nothing to compare.",
    findings: figures.map((campaign, index) => ({
      campaign: campaignKey(index),
      text: finding(campaign, campaignKey(index)),
    })),
    recommendations: recommendations.slice(0, 10),
  };
}

/** Returns the key of the campaign with the best figure; undefined if no campaign has that figure. */
function best(figures: CampaignFigures[], measure: Measure, pick: (...values: number[]) => number): string | undefined {
  const known = figures.map((campaign) => campaign[measure]).filter((value) => value !== null);
  return known.length > 0
    ? campaignKey(figures.findIndex((campaign) => campaign[measure] === pick(...known)))
    : undefined;
}

function finding({ click_rate, conversion_rate, cost_per_conversion }: CampaignFigures, key: string): string {
  return [
    `{{${key}.name}} is {{${key}.status}} and has spent {{${key}.spend}} of {{${key}.budget}}.`,
    click_rate === null
      ? "It has no impressions yet."
      : `Of {{${key}.impressions}} impressions {{${key}.click_rate}} were clicked, which is {{${key}.clicks}} clicks.`,
    conversion_rate !== null && `{{${key}.conversion_rate}} of the clicks led to a conversion.`,
    cost_per_conversion !== null && `A conversion costs {{${key}.cost_per_conversion}}.`,
  ]
    .filter(Boolean)
    .join(" ");
}

function advice({ status, clicks, conversions, budget_remaining }: CampaignFigures, key: string): string | undefined {
  if (status !== "active") return undefined;
  if (budget_remaining <= 0) return `{{${key}.name}} has used its budget up: raise it, or end the campaign.`;
  if (clicks === 0) return `{{${key}.name}} is not clicked: try another headline or another picture.`;
  if (conversions === 0) return `{{${key}.name}} is clicked but does not convert: look at the page it leads to.`;
  return undefined;
}
