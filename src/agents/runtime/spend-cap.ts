import { AgentError } from "../../jobs/agent-error.ts";
import type { Usage, UsageKind } from "../../jobs/agent-job.ts";
import type { ModelRequest } from "../models/model.ts";

const tokenKinds = ["input", "cached_input", "output", "reasoning"] as const satisfies UsageKind[];

/** US dollars for one unit (one token), by usage kind. */
export type Prices = Partial<Record<UsageKind, number>>;

/** Millionths of a US dollar for one token, by usage kind. */
export type TokenPrices = Record<(typeof tokenKinds)[number], number>;

/**
 * The tokens that providers add to a request, such as roles, separators and words around the schema. A generous
 * estimate.
 */
const overheadTokens = 512;

/**
 * Returns the prices of everything that a request can use. Throws if one is missing, because an unknown price is not 0.
 */
export function tokenPrices(model: string, prices: Prices | null): TokenPrices {
  const price = (kind: (typeof tokenKinds)[number]) => {
    const listed = prices?.[kind];
    if (typeof listed !== "number" || !(listed >= 0)) {
      throw new AgentError(
        "unknown_price",
        `The model ${model} has no price for ${kind}: add one with set_model_price().`,
      );
    }
    return listed * 1e6;
  };
  return {
    input: price("input"),
    cached_input: price("cached_input"),
    output: price("output"),
    reasoning: price("reasoning"),
  };
}

/**
 * Returns the highest number of input tokens that a provider can count for a request. A tokenizer of bytes (BPE) starts
 * with one token for each byte and only merges tokens, so there are never more tokens than bytes.
 */
export function maxInputTokens({ system, data, schema }: Pick<ModelRequest, "system" | "data" | "schema">): number {
  return new TextEncoder().encode(system + data + JSON.stringify(schema)).length + overheadTokens;
}

/** Computes the cost of usage in millionths of a US dollar. Each entry is rounded up, as in the ledger. */
export function costOf(usage: Usage[], prices: TokenPrices): number {
  return usage.reduce(
    (sum, { kind, quantity }) => sum + Math.ceil(quantity * (prices[kind as keyof TokenPrices] ?? 0)),
    0,
  );
}

/** Computes the highest cost of a request, in millionths of a US dollar. */
export function maxCostOf(inputTokens: number, outputTokens: number, prices: TokenPrices): number {
  const input = inputTokens * Math.max(prices.input, prices.cached_input);
  const output = outputTokens * Math.max(prices.output, prices.reasoning);
  return Math.ceil(input + output) + maxRoundingUp(prices);
}

/** Returns how many output tokens the given millionths pay for, after the input is paid. Infinity if output is free. */
export function affordableOutputTokens(millionths: number, inputTokens: number, prices: TokenPrices): number {
  const left = millionths - maxCostOf(inputTokens, 0, prices);
  const price = Math.max(prices.output, prices.reasoning);
  if (left < 0) return 0;
  return price === 0 ? Infinity : Math.floor(left / price);
}

/** Each usage kind has its own entry in the ledger, and each entry may be rounded up by almost a millionth. */
function maxRoundingUp(prices: TokenPrices): number {
  return tokenKinds.filter((kind) => prices[kind] > 0).length;
}
