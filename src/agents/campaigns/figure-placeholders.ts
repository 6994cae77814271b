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

/**
 * Returns the key by which the model knows the campaign at an index: `c1` is the first. The model never sees the id.
 */
export function campaignKey(index: number): string {
  return `c${index + 1}`;
}

/** Returns the figures as the model sees them, by campaign key. */
export function figuresForModel(figures: CampaignFigures[]): JsonObject {
  return Object.fromEntries(figures.map((campaign, index) => [campaignKey(index), { ...campaign, id: undefined }]));
}

/** Formats a figure for a user to read. Returns undefined if the figure does not exist or is null. */
function figureText(figures: CampaignFigures[], key: string, field: string): string | undefined {
  const campaign = figures.find((_, index) => campaignKey(index) === key);
  if (!campaign) return undefined;
  if (field === "name" || field === "status") return campaign[field];
  if (!Object.hasOwn(formats, field)) return undefined;
  const value = campaign[field as keyof typeof formats];
  return value === null ? undefined : formats[field as keyof typeof formats].format(value);
}

/**
 * Lists what is wrong with a text about figures, in addition to the checks of any Markdown: a placeholder without a
 * figure, or a number that the model wrote itself. Every digit is refused, because a correct number cannot be told from
 * an invented one. Numbers in words ("twelve") pass.
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
 * Replaces the placeholders of a text without problems by the figures. The result is not searched for placeholders
 * again, because a name may contain braces. Names appear as their user wrote them, so the result must be shown as plain
 * text.
 */
export function fillFigures(text: string, figures: CampaignFigures[]): string {
  return text.replace(placeholder, (whole, key: string, field: string) => figureText(figures, key, field) ?? whole);
}

/** Lists what is wrong with a list that must have exactly one entry for each campaign. */
export function coverageProblems(path: string, keys: string[], figures: CampaignFigures[]): string[] {
  const expected = figures.map((_, index) => campaignKey(index)).toSorted();
  return keys.toSorted().join() === expected.join() ? [] : [`${path}: there must be exactly one for each campaign`];
}
