import { AgentError } from "../../jobs/agent-error.ts";
import type { Usage, UsageKind } from "../../jobs/agent-job.ts";
import type { ModelRequest } from "../models/model.ts";

const tokenKinds = ["input", "cached_input", "output", "reasoning"] as const satisfies UsageKind[];

/** US dollars for one unit (a token), by kind. */
export type Prices = Partial<Record<UsageKind, number>>;

/** Millionths of a US dollar for one token, by kind. */
export type TokenPrices = Record<(typeof tokenKinds)[number], number>;

/** What providers add to a request: roles, separators, their words around the schema. In tokens, generously. */
const overheadTokens = 512;

/** The prices of everything that a request can use. One that is missing is refused: unknown is not free. */
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
 * The most input tokens that a request can be counted as. A tokenizer of bytes (BPE) starts with a token a byte and only
 * ever merges them, so there are never more tokens than bytes.
 */
export function maxInputTokens({ system, data, schema }: Pick<ModelRequest, "system" | "data" | "schema">): number {
  return new TextEncoder().encode(system + data + JSON.stringify(schema)).length + overheadTokens;
}

/** What usage costs, in millionths; each entry is rounded up, as the ledger does. */
export function costOf(usage: Usage[], prices: TokenPrices): number {
  return usage.reduce(
    (sum, { kind, quantity }) => sum + Math.ceil(quantity * (prices[kind as keyof TokenPrices] ?? 0)),
    0,
  );
}

/** The most that a request can cost, in millionths. */
export function maxCostOf(inputTokens: number, outputTokens: number, prices: TokenPrices): number {
  const input = inputTokens * Math.max(prices.input, prices.cached_input);
  const output = outputTokens * Math.max(prices.output, prices.reasoning);
  return Math.ceil(input + output) + maxRoundingUp(prices);
}

/** How many output tokens are paid for with that many millionths after the input. Infinite if they are free. */
export function affordableOutputTokens(millionths: number, inputTokens: number, prices: TokenPrices): number {
  const left = millionths - maxCostOf(inputTokens, 0, prices);
  const price = Math.max(prices.output, prices.reasoning);
  if (left < 0) return 0;
  return price === 0 ? Infinity : Math.floor(left / price);
}

/** Every kind is an entry of the ledger of its own, and each may be rounded up by nearly a millionth. */
function maxRoundingUp(prices: TokenPrices): number {
  return tokenKinds.filter((kind) => prices[kind] > 0).length;
}
