import type { AgentJob, AgentType, CampaignFigures, JobEffects, Prices, Usage } from "../../../src/agents/index.ts";
import { offlineModel } from "../../../src/agents/index.ts";
import type { MemoriesToConsolidate } from "../../../src/agents/memory-keeper/memories-to-consolidate.ts";
import type { ThoughtsToOrganize } from "../../../src/agents/thought-organizer/thoughts-to-organize.ts";
import type { JsonObject } from "../../../src/database.ts";

export function job(agent_type: AgentType, input_data: JsonObject, more: Partial<AgentJob> = {}): AgentJob {
  return {
    id: "00000000-0000-4000-8000-00000000000a",
    user_id: "00000000-0000-4000-8000-00000000000b",
    agent_type,
    input_data,
    campaign_id: null,
    retry_count: 0,
    max_cost: 1,
    ...more,
  };
}

export const free: Prices = { input: 0, cached_input: 0, output: 0, reasoning: 0 };
/** US dollars per token. */
export const gpt: Prices = { input: 2e-6, cached_input: 0.5e-6, output: 8e-6, reasoning: 8e-6 };

export function campaign(more: Partial<CampaignFigures> = {}): CampaignFigures {
  return {
    id: "10000000-0000-4000-8000-000000000001",
    name: "Spring 2026",
    status: "active",
    budget: 500,
    spend: 120.5,
    reserved: 0,
    budget_remaining: 379.5,
    impressions: 10_000,
    clicks: 340,
    conversions: 17,
    roi: 2.3,
    click_rate: 0.034,
    conversion_rate: 0.05,
    cost_per_click: 0.354412,
    cost_per_conversion: 7.088235,
    ...more,
  };
}

/** A campaign without impressions. */
export function newCampaign(more: Partial<CampaignFigures> = {}): CampaignFigures {
  return campaign({
    id: "10000000-0000-4000-8000-000000000002",
    name: "Summer",
    status: "draft",
    spend: 0,
    budget_remaining: 500,
    impressions: 0,
    clicks: 0,
    conversions: 0,
    roi: 0,
    click_rate: null,
    conversion_rate: null,
    cost_per_click: null,
    cost_per_conversion: null,
    ...more,
  });
}

/** The answer when there is nothing to compare. */
export const noMemories: MemoriesToConsolidate = {
  looked_at: [],
  memories: [],
  pairs: [],
  remaining: 0,
  without_vector: 0,
};

/** The answer for a user without thoughts. */
export const noThoughts = {
  thoughtsToOrganize: async (): Promise<ThoughtsToOrganize> => ({
    embedding_model: "groundwork-lexical-1",
    unchanged: false,
    not_embedded: 0,
    remaining: 0,
    thoughts: [],
    circles: [],
    novelty: [],
  }),
};

export function offline(figures: CampaignFigures[] = [], memories = noMemories): JobEffects {
  return {
    model: offlineModel(),
    prices: async () => free,
    campaignFigures: async () => figures,
    memoriesToConsolidate: async () => memories,
    ...noThoughts,
  };
}

/** Computes US dollars as the ledger rates usage: every entry is rounded up to a millionth. */
export function ledgerCost(usage: Usage[], prices: Prices): number {
  const millionths = usage.map(({ kind, quantity }) => Math.ceil(Number((quantity * prices[kind]! * 1e6).toFixed(6))));
  return millionths.reduce((sum, cost) => sum + cost, 0) / 1e6;
}

export const blogPost = (more: object = {}) => ({
  title: "Growing tomatoes",
  meta_description: "How to grow tomatoes on a balcony: where to start, what to water, when to pick.",
  keywords: ["tomatoes"],
  content: `## Start\n\n${"Tomatoes like the sun and a little water every day. ".repeat(11)}`,
  ...more,
});
