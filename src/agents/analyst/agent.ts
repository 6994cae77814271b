import type { Json } from "../../database.types.ts";
import { AgentError } from "../../jobs/agent-error.ts";
import { offlineAnalysis } from "./offline.ts";
import { campaignKey, coverageProblems, figureProblems, fillFigures } from "../campaigns/figure-placeholders.ts";
import { AnalystInput } from "./input.ts";
import { oneQuestion } from "../runtime/one-question.ts";
import { Analysis, analystPrompt } from "./prompt.ts";
import { requireCampaigns } from "../campaigns/require-campaigns.ts";

/**
 * Explains the figures of campaigns. SQL computes the numbers; the model writes the words. It makes no content assets.
 */
export const analyst = oneQuestion<AnalystInput, Analysis>({
  input: AnalystInput,
  answer: Analysis,
  prompt: analystPrompt,
  usesFigures: true,
  outputTokens: (_, figures) => ({ min: 400 + 60 * figures.length, max: 5000 + 300 * figures.length }),

  checkFigures({ campaign_ids }, figures) {
    requireCampaigns(figures);
    const missing = campaign_ids?.find((id) => !figures.some((campaign) => campaign.id === id.toLowerCase()));
    if (missing) throw new AgentError("invalid_input", `input_data: campaign_ids: you have no campaign ${missing}.`);
  },

  problems({ summary, findings, recommendations }, input, figures) {
    const texts: [path: string, text: string][] = [
      ["summary", summary],
      ...findings.map(({ text }, index): [string, string] => [`findings.${index}.text`, text]),
      ...recommendations.map((text, index): [string, string] => [`recommendations.${index}`, text]),
    ];
    const keys = findings.map(({ campaign }) => campaign);
    return [
      ...coverageProblems("findings", keys, figures),
      ...texts.flatMap(([path, text]) => figureProblems(path, text, input, figures)),
    ];
  },

  offlineAnswer: (_, figures) => offlineAnalysis(figures),

  result({ summary, findings, recommendations }, { question }, figures) {
    const wordsOn = new Map(findings.map(({ campaign, text }) => [campaign, text]));
    const campaigns = figures.map((campaign, index): Json => {
      const { id, name, ...numbers } = campaign;
      const finding = fillFigures(wordsOn.get(campaignKey(index)) ?? "", figures);
      return { campaign_id: id, name, finding, figures: numbers };
    });
    return {
      output_data: {
        ...(question && { question }),
        summary: fillFigures(summary, figures),
        campaigns,
        recommendations: recommendations.map((text) => fillFigures(text, figures)),
      },
      assets: [],
    };
  },
});
