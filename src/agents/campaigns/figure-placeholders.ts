import type { JsonObject } from "../../database.ts";
import type { CampaignFigures } from "./campaign-figures.ts";
import { markdownProblems } from "../text/safe-text.ts";

const money = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 6 });
const count = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 });
const rate = new Intl.NumberFormat("en-US", { style: "percent", maximumFractionDigits: 2 });

const formats = {
  budget: money,
  spend: money,
  reserved: money,
  budget_remaining: money,
  impressions: count,
  clicks: count,
  conversions: count,
  roi: count,
  click_rate: rate,
  conversion_rate: rate,
  cost_per_click: money,
  cost_per_conversion: money,
} satisfies Partial<Record<keyof CampaignFigures, Intl.NumberFormat>>;

const placeholder = /\{\{\s*(c\d+)\.(\w+)\s*\}\}/g;

/** What the model calls the campaign at an index: `c1` is the first. It never learns the id. */
export function campaignKey(index: number): string {
  return `c${index + 1}`;
}

/** The figures as the model sees them, by campaign key. */
export function figuresForModel(figures: CampaignFigures[]): JsonObject {
  return Object.fromEntries(figures.map((campaign, index) => [campaignKey(index), { ...campaign, id: undefined }]));
}

/** A figure as a user reads it; undefined when there is no such figure, or it is null. */
function figureText(figures: CampaignFigures[], key: string, field: string): string | undefined {
  const campaign = figures.find((_, index) => campaignKey(index) === key);
  if (!campaign) return undefined;
  if (field === "name" || field === "status") return campaign[field];
  if (!Object.hasOwn(formats, field)) return undefined;
  const value = campaign[field as keyof typeof formats];
  return value === null ? undefined : formats[field as keyof typeof formats].format(value);
}

/**
 * What is wrong with words about figures, beyond what any text may not hold: a placeholder without a figure, or a number
 * that the model wrote itself. Any digit of its own is one, also a true one, for nobody could tell it from an invented
 * one. Numbers spelled out ("twelve") pass.
 */
export function figureProblems(path: string, text: string, input: object, figures: CampaignFigures[]): string[] {
  const problems = markdownProblems(path, text, input);
  const words = text.replace(placeholder, (whole, key: string, field: string) => {
    if (figureText(figures, key, field) === undefined) problems.push(`${path}: there is no figure ${whole}`);
    return " ";
  });
  if (/\p{N}/u.test(words)) problems.push(`${path}: write no numbers, only placeholders such as {{c1.clicks}}`);
  if (/\{\{|\}\}/.test(words)) problems.push(`${path}: a placeholder has the form {{c1.clicks}}`);
  return problems;
}

/**
 * Puts the figures into words that have no problems. What is put in is not read again: a name may hold braces. Names are
 * as their user wrote them, so the words are plain text to whoever shows them.
 */
export function fillFigures(text: string, figures: CampaignFigures[]): string {
  return text.replace(placeholder, (whole, key: string, field: string) => figureText(figures, key, field) ?? whole);
}

/** What is wrong with a list that has to have exactly one entry for each campaign. */
export function coverageProblems(path: string, keys: string[], figures: CampaignFigures[]): string[] {
  const expected = figures.map((_, index) => campaignKey(index)).toSorted();
  return keys.toSorted().join() === expected.join() ? [] : [`${path}: there must be exactly one for each campaign`];
}
