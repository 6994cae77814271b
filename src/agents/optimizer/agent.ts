import type { Json } from "../../database.types.ts";
import { AgentError } from "../../jobs/agent-error.ts";
import { allocate } from "./allocate.ts";
import type { CampaignFigures } from "../campaigns/campaign-figures.ts";
import { campaignKey, coverageProblems, figureProblems, fillFigures } from "../campaigns/figure-placeholders.ts";
import { OptimizerInput } from "./input.ts";
import { oneQuestion } from "../runtime/one-question.ts";
import { offlineWeights } from "./offline.ts";
import { Weights, optimizerPrompt } from "./prompt.ts";
import { requireCampaigns } from "../campaigns/require-campaigns.ts";

/**
 * Advises how to divide a budget. The model gives weights and reasons, and this code computes the amounts. It changes
 * no budget.
 */
export const optimizer = oneQuestion<OptimizerInput, Weights>({
  input: OptimizerInput,
  answer: Weights,
  prompt: optimizerPrompt,
  usesFigures: true,
  outputTokens: (_, figures) => ({ min: 200 + 80 * figures.length, max: 4000 + 300 * figures.length }),

  checkFigures({ total_budget }, figures) {
    requireCampaigns(figures);
    const total = totalOf(total_budget, figures);
    const committed = figures.reduce((sum, campaign) => sum + committedTo(campaign), 0n);
    if (total <= 0n) throw new AgentError("invalid_input", "There is no budget to divide: set total_budget.");
    if (total < committed) {
      const message = `${fromMillionths(committed)} is spent or reserved, so ${fromMillionths(total)} is too little`;
      throw new AgentError("invalid_input", `${message}. Set a higher total_budget.`);
    }
  },

  problems({ summary, campaigns }, input, figures) {
    const texts: [path: string, text: string][] = [
      ["summary", summary],
      ...campaigns.map(({ reason }, index): [string, string] => [`campaigns.${index}.reason`, reason]),
    ];
    const keys = campaigns.map(({ campaign }) => campaign);
    return [
      ...coverageProblems("campaigns", keys, figures),
      ...(campaigns.some(({ weight }) => weight > 0) ? [] : ["campaigns: at least one weight must be above 0"]),
      ...texts.flatMap(([path, text]) => figureProblems(path, text, input, figures)),
    ];
  },

  offlineAnswer: (_, figures) => offlineWeights(figures),

  result({ summary, campaigns }, { goal, total_budget }, figures) {
    const advice = new Map(campaigns.map((entry) => [entry.campaign, entry]));
    const total = totalOf(total_budget, figures);
    const amounts = allocate(
      total,
      figures.map((campaign, index) => ({
        weight: advice.get(campaignKey(index))?.weight ?? 0,
        floor: committedTo(campaign),
      })),
    );
    const proposals = figures.map(({ id, name, budget }, index): Json => {
      const proposed = amounts[index]!;
      return {
        campaign_id: id,
        name,
        current_budget: budget,
        proposed_budget: fromMillionths(proposed),
        change: fromMillionths(proposed - millionths(budget)),
        reason: fillFigures(advice.get(campaignKey(index))?.reason ?? "", figures),
      };
    });
    return {
      output_data: {
        ...(goal && { goal }),
        summary: fillFigures(summary, figures),
        total_budget: fromMillionths(total),
        campaigns: proposals,
      },
      assets: [],
    };
  },
});

/** The unit of the ledger is a millionth of a dollar. Sums in this unit are exact. */
const millionths = (dollars: number) => BigInt(Math.round(dollars * 1e6));
const fromMillionths = (amount: bigint) => Number(amount) / 1e6;

function totalOf(total_budget: number | undefined, figures: CampaignFigures[]): bigint {
  return total_budget === undefined
    ? figures.reduce((sum, { budget }) => sum + millionths(budget), 0n)
    : millionths(total_budget);
}

/** The part of a campaign's budget that can no longer be taken away. */
function committedTo({ spend, reserved }: CampaignFigures): bigint {
  return millionths(spend) + millionths(reserved);
}
