import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, generateText, InvalidResponseDataError, jsonSchema, NoObjectGeneratedError, Output } from "ai";
import { retryAfterSeconds } from "../../shared/retry-after.ts";
import { AgentError } from "../../jobs/agent-error.ts";
import type { Usage, UsageKind } from "../../jobs/agent-job.ts";
import type { AgentModel, ModelRequest } from "./model.ts";
import { maxInputTokens } from "../runtime/spend-cap.ts";

export interface ProviderOptions {
  /** The URL to which `/chat/completions` is added, such as `https://api.openai.com/v1`. */
  baseUrl: string;
  apiKey: string;
  model: string;
  /** The time limit for an answer, in milliseconds. */
  timeoutMs?: number;
  fetch?: typeof globalThis.fetch;
}

type Answer = Pick<NoObjectGeneratedError, "text" | "finishReason" | "usage" | "response">;

/**
 * Makes a model behind any OpenAI-compatible API, through the AI SDK.
 *
 * If the provider accepted a request but did not report its usage, the worst case is booked: an answer without usage,
 * one that breaks off and one that comes too late are not free.
 */
export function providerModel({ baseUrl, apiKey, model, timeoutMs = 60_000, fetch }: ProviderOptions): AgentModel {
  const provider = createOpenAICompatible({
    name: "provider",
    baseURL: baseUrl,
    apiKey,
    supportsStructuredOutputs: true,
    ...(fetch && { fetch }),
    ...(isOpenAI(baseUrl) && { transformRequestBody: withMaxCompletionTokens }),
  });

  return {
    name: model,
    async generate(request) {
      const answer: Answer = await generateText({
        model: provider(model),
        instructions: request.system,
        prompt: request.data,
        output: Output.object({ schema: jsonSchema(request.schema), name: "answer" }),
        maxOutputTokens: request.maxOutputTokens,
        // The queue retries. Meanwhile the worker can do other jobs, and the queue makes a new reservation for each
        // attempt.
        maxRetries: 0,
        timeout: timeoutMs,
        ...(request.signal && { abortSignal: request.signal }),
      }).catch((error: unknown) => {
        if (NoObjectGeneratedError.isInstance(error)) return error;
        throw toAgentError(error, model, timeoutMs, request);
      });

      const usage = usageOf(answer, model, request);
      if (answer.finishReason === "length") {
        const message = `The answer was cut off at ${request.maxOutputTokens} tokens. A greater max_cost may allow more.`;
        throw new AgentError("truncated", message, { usage });
      }
      if (answer.finishReason === "content-filter") {
        throw new AgentError("refused", `The model declined to answer: ${excerpt(answer.text)}`, { usage });
      }
      return { text: answer.text ?? "", usage };
    },
  };
}

function isOpenAI(baseUrl: string): boolean {
  return URL.canParse(baseUrl) && /(^|\.)openai(\.azure)?\.com$/.test(new URL(baseUrl).hostname);
}

/**
 * OpenAI's newer models refuse max_tokens. Most other providers know only max_tokens, and would apply no limit without
 * it.
 */
function withMaxCompletionTokens({ max_tokens, ...body }: Record<string, unknown>): Record<string, unknown> {
  return { ...body, max_completion_tokens: max_tokens };
}

function usageOf({ usage, response }: Answer, model: string, request: ModelRequest): Usage[] {
  const { noCacheTokens = 0, cacheReadTokens = 0 } = usage?.inputTokenDetails ?? {};
  const { textTokens = 0, reasoningTokens = 0 } = usage?.outputTokenDetails ?? {};
  const input = { input: noCacheTokens, cached_input: cacheReadTokens };
  const output = { output: textTokens, reasoning: reasoningTokens };
  return usageEntries(
    {
      ...(isPositive(input.input, input.cached_input) ? input : { input: maxInputTokens(request) }),
      ...(isPositive(output.output, output.reasoning) ? output : { output: request.maxOutputTokens }),
    },
    model,
    // The ledger stores 200 characters.
    response?.id && response.id.length <= 200 ? response.id : request.newId(),
  );
}

const isPositive = (...quantities: number[]) => quantities.some((quantity) => quantity > 0);

function worstCase(model: string, request: ModelRequest): Usage[] {
  const quantities = { input: maxInputTokens(request), output: request.maxOutputTokens };
  return usageEntries(quantities, model, request.newId());
}

function usageEntries(quantities: Partial<Record<UsageKind, number>>, model: string, request_id: string): Usage[] {
  return Object.entries(quantities)
    .filter(([, quantity]) => quantity > 0)
    .map(([kind, quantity]) => {
      const whole = Math.min(Math.ceil(quantity), Number.MAX_SAFE_INTEGER);
      return { model, kind: kind as UsageKind, quantity: whole, request_id };
    });
}

function toAgentError(error: unknown, model: string, timeoutMs: number, request: ModelRequest): AgentError {
  const billed = { cause: error, usage: worstCase(model, request) };
  if (request.signal?.aborted)
    return new AgentError("aborted", "The worker stopped before the model answered.", billed);
  if (error instanceof Error && error.name === "TimeoutError") {
    return new AgentError("timed_out", `The model did not answer within ${timeoutMs} ms.`, billed);
  }
  if (InvalidResponseDataError.isInstance(error)) {
    return new AgentError("provider_unavailable", "The provider's answer was empty.", billed);
  }
  if (!APICallError.isInstance(error) || error.statusCode === undefined) {
    return new AgentError("provider_unavailable", "The provider could not be reached.", { cause: error });
  }

  const { statusCode: status, responseHeaders, message } = error;
  if (status < 300) return new AgentError("provider_unavailable", "The provider's answer was broken.", billed);

  const retryable = { cause: error, retryAfterSeconds: retryAfterSeconds(responseHeaders?.["retry-after"]) };
  if (status === 429) return new AgentError("rate_limited", "The provider is asked too often.", retryable);
  if (status >= 500 || status === 408 || status === 409) {
    return new AgentError("provider_unavailable", `The provider failed with status ${status}.`, retryable);
  }
  // The provider's message about a key may contain the key, so it is not passed on.
  if (status === 401 || status === 403) {
    return new AgentError("refused", "The provider refused the key: see AI_API_KEY and what it may use.", {
      cause: error,
    });
  }
  return new AgentError("refused", `The provider refused with status ${status}: ${excerpt(message)}`, { cause: error });
}

const excerpt = (text: string | undefined) => (text ?? "").slice(0, 300);
