import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embedMany, InvalidResponseDataError } from "ai";
import { z } from "zod";
import { retryAfterSeconds } from "../shared/retry-after.ts";
import { EmbeddingError } from "./embedding-error.ts";
import { type EmbeddingModel, type Embeddings, maxCharacters, unitVector, width } from "./embedding-model.ts";

export interface EmbeddingProviderOptions {
  /** The URL to which `/embeddings` is added, such as `https://api.openai.com/v1`. */
  baseUrl: string;
  apiKey: string;
  model: string;
  /** The time limit for an answer, in milliseconds. */
  timeoutMs?: number;
  fetch?: typeof globalThis.fetch;
}

/** If a text of this length is refused, its length is not the reason. */
const shortEnough = 1000;

/**
 * Makes an embedding model behind any OpenAI-compatible API, through the AI SDK.
 *
 * Answers are checked: vectors are ordered by their indexes, and each is validated. A batch that is refused, or
 * answered in part, is halved until the texts that cause it are alone. A long text that is refused is shortened. So one
 * bad text, or a provider with smaller batches, does not block the other texts.
 */
export function providerModel(options: EmbeddingProviderOptions): EmbeddingModel {
  const { baseUrl: baseURL, apiKey, model, timeoutMs = 30_000, fetch } = options;
  const provider = createOpenAICompatible({ name: "provider", baseURL, apiKey, ...(fetch && { fetch }) });
  const endpoint = { model: provider.embeddingModel(model), timeoutMs, asksForWidth: true };
  return {
    name: model,
    maxBatch: 100,
    async embed(texts, signal) {
      if (texts.length === 0) return { embedded: [], tokens: undefined };
      return new Call(endpoint, signal).embed(texts.map((text) => shortened(text, maxCharacters)));
    },
  };
}

interface Endpoint {
  model: ReturnType<ReturnType<typeof createOpenAICompatible>["embeddingModel"]>;
  timeoutMs: number;
  /** False for models that have only one width, and refuse the parameter for it. */
  asksForWidth: boolean;
}

/** Returns true for errors that may be caused by one text, or by the number of texts. */
const mayBeOneText = (error: unknown): error is EmbeddingError =>
  error instanceof EmbeddingError && ["refused", "missing", "invalid_answer"].includes(error.code);

class Call {
  readonly #endpoint: Endpoint;
  readonly #signal: AbortSignal | undefined;
  /** The error that ended the call before all parts were requested. */
  #fault: EmbeddingError | undefined;

  constructor(endpoint: Endpoint, signal: AbortSignal | undefined) {
    this.#endpoint = endpoint;
    this.#signal = signal;
  }

  /** Embeds the texts. Throws errors that are not caused by a text. */
  async embed(texts: string[]): Promise<Embeddings> {
    const answer = await this.#request(texts).catch(async (error: unknown) => {
      if (!mayBeOneText(error)) throw error;
      // Checks that the provider answers at all. Otherwise halving would only repeat the refusal.
      await this.#request(["Groundwork"]);
      return this.#embedParts(texts, error);
    });
    const errors = answer.embedded.map((each) => ("error" in each ? each.error : undefined));
    if (errors.every((error) => error?.code === "wrong_width")) throw errors[0];
    return answer;
  }

  async #embedParts(texts: string[], error: EmbeddingError): Promise<Embeddings> {
    if (texts.length === 1) {
      const [text] = texts as [string];
      if (error.code !== "refused" || text.length <= shortEnough) return { embedded: [{ error }], tokens: undefined };
      return this.#embedPart([shortened(text, Math.max(shortEnough, text.length / 2))]);
    }
    const middle = Math.ceil(texts.length / 2);
    const one = await this.#embedPart(texts.slice(0, middle));
    const other = await this.#embedPart(texts.slice(middle));
    const isCounted = one.tokens !== undefined || other.tokens !== undefined;
    return {
      embedded: [...one.embedded, ...other.embedded],
      tokens: isCounted ? (one.tokens ?? 0) + (other.tokens ?? 0) : undefined,
    };
  }

  /** Never throws, so that the embeddings of other parts are not lost. */
  async #embedPart(texts: string[]): Promise<Embeddings> {
    try {
      if (!this.#fault) return await this.#request(texts);
    } catch (error) {
      if (mayBeOneText(error)) return this.#embedParts(texts, error);
      if (!(error instanceof EmbeddingError)) throw error;
      this.#fault = error;
    }
    const fault = this.#fault;
    return { embedded: texts.map(() => ({ error: fault })), tokens: undefined };
  }

  async #request(texts: string[]): Promise<Embeddings> {
    const { model, timeoutMs, asksForWidth } = this.#endpoint;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const { responses, usage } = await embedMany({
        model,
        values: texts,
        ...(asksForWidth && { dimensions: width }),
        // The queue retries. Meanwhile the worker can do something else.
        maxRetries: 0,
        abortSignal: this.#signal ? AbortSignal.any([this.#signal, timeout]) : timeout,
      });
      return readAnswer(responses?.[0]?.body, texts.length, usage.tokens);
    } catch (error) {
      if (asksForWidth && refusesWidth(error)) {
        this.#endpoint.asksForWidth = false;
        return this.#request(texts);
      }
      // If one value is not a number, the AI SDK drops the whole answer. The body has the other vectors.
      if (APICallError.isInstance(error) && error.statusCode === 200 && error.responseBody) {
        return readAnswer(parsed(error.responseBody), texts.length);
      }
      throw this.#explain(error, timeoutMs);
    }
  }

  #explain(error: unknown, timeoutMs: number): EmbeddingError {
    const cause = { cause: error };
    if (error instanceof EmbeddingError) return error;
    if (this.#signal?.aborted) {
      return new EmbeddingError("aborted", "The worker stopped before the model answered.", cause);
    }
    if (error instanceof Error && error.name === "TimeoutError") {
      const message = `The provider did not answer within ${timeoutMs} ms. Smaller batches are answered sooner.`;
      return new EmbeddingError("timed_out", message, cause);
    }
    if (InvalidResponseDataError.isInstance(error)) return new EmbeddingError("missing", error.message, cause);
    if (!APICallError.isInstance(error) || error.statusCode === undefined) {
      return new EmbeddingError("unavailable", "The provider could not be reached: see AI_BASE_URL.", cause);
    }
    return explainStatus(error, error.statusCode);
  }
}

function explainStatus(error: APICallError, status: number): EmbeddingError {
  const cause = { cause: error };
  const seconds = retryAfterSeconds(error.responseHeaders?.["retry-after"]);
  const retryable = { ...cause, retryAfterMs: seconds === undefined ? undefined : seconds * 1000 };
  if (status < 300) return new EmbeddingError("unavailable", "The provider's answer broke off.", retryable);
  if (status === 429) return new EmbeddingError("rate_limited", "The provider is asked too often.", retryable);
  if (status >= 500 || status === 408 || status === 409) {
    return new EmbeddingError("unavailable", `The provider failed with status ${status}.`, retryable);
  }
  // The provider's message about a key may contain the key, so it is not passed on.
  if (status === 401 || status === 403) {
    return new EmbeddingError(
      "unauthorized",
      "The provider refused the key: see AI_API_KEY and what it may use.",
      cause,
    );
  }
  const said = error.message.slice(0, 300);
  return new EmbeddingError("refused", `The provider refused with status ${status}: ${said}`, cause);
}

/** Returns true if the model refused the parameter for the width. Such a model may have the right width. */
function refusesWidth(error: unknown): boolean {
  return APICallError.isInstance(error) && error.statusCode === 400 && /dimension|matryoshka/i.test(error.message);
}

const Answer = z.object({
  data: z.array(z.object({ index: z.int().nullish(), embedding: z.custom<unknown[]>(Array.isArray) })),
  usage: z.object({ prompt_tokens: z.number() }).nullish().catch(null),
});

function readAnswer(body: unknown, count: number, tokens?: number): Embeddings {
  const answer = Answer.safeParse(body);
  if (!answer.success) throw new EmbeddingError("invalid_answer", "The provider's answer is not a list of embeddings.");
  const { data, usage } = answer.data;
  if (data.length !== count) {
    throw new EmbeddingError("missing", `The provider's answer has ${data.length} vectors for ${count} texts.`);
  }
  const vectors: unknown[][] = [];
  for (const [place, { index, embedding }] of data.entries()) vectors[index ?? place] = embedding;
  // If an index is missing, appears twice or is not valid, these numbers differ.
  if (Object.keys(vectors).length !== count || vectors.length !== count) {
    throw new EmbeddingError(
      "invalid_answer",
      "The provider's answer does not show which vector belongs to which text.",
    );
  }
  const counted = tokens ?? usage?.prompt_tokens;
  return {
    embedded: vectors.map((vector) => unitVector(vector)),
    tokens: counted !== undefined && Number.isFinite(counted) ? counted : undefined,
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Returns the first `length` characters. No character is cut in half. */
function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}
