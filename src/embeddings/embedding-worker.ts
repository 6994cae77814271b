import { QueueError } from "../shared/queue-error.ts";
import { pause } from "../shared/pause.ts";
import { storableMessage } from "../shared/error-text.ts";
import { EmbeddingError } from "./embedding-error.ts";
import { encodeUnitVector } from "../shared/vector.ts";
import type { Embedded, EmbeddingModel, Embeddings } from "./embedding-model.ts";
import type { ClaimedText, EmbeddingQueue, EmbeddingResult, RegisteredModel, Stored } from "./embedding-queue.ts";
import { type EmbeddingUsage, usageOf } from "./embedding-usage.ts";

export interface EmbeddingWorkerOptions {
  /** The worker's name in the queue. Each worker needs another name. */
  workerId: string;
  /** How many texts are sent to the model in one call. Default: the most that the model takes. */
  batchSize?: number | undefined;
  /** How long a lease lasts, in seconds. Default 120. */
  leaseSeconds?: number | undefined;
  /**
   * The time to stop claiming, in milliseconds as `Date.now()` counts. Default: the worker stops when the queue is
   * empty.
   */
  deadline?: number | undefined;
  /** Embeds for this model only. Default: for all registered models, the active one first. */
  model?: string | undefined;
  /** Embeds texts of this user only. */
  userId?: string | undefined;
  /** Aborts to stop at once. Claimed texts are given back. */
  signal?: AbortSignal | undefined;
  /** Called after each batch. */
  onBatch?: ((summary: EmbeddingWorkerSummary) => void) | undefined;
  /** Called with one line for a fault that belongs to no text and no model. */
  log?: ((line: string) => void) | undefined;
  /** Called for each text that has no embedding for a reason of its own. */
  onFailure?: ((text: ClaimedText, error: EmbeddingError) => void) | undefined;
}

/** A model that failed for a reason that is not one of its texts. */
export interface ModelFault {
  model: string;
  error: EmbeddingError;
}

export interface EmbeddingWorkerSummary extends Stored {
  /** The number of tokens that providers counted. Requests without a count are not included. */
  tokens: number;
  faults: ModelFault[];
}

/**
 * Runs a worker on the embedding queue. The model works on two batches at a time. Meanwhile the worker claims the next
 * batches and stores the last results, so that the model never has to wait.
 *
 * If a provider asks to wait, the worker waits, if the time is short. If a model fails, the texts that were claimed for
 * it are given back; other models are not affected.
 *
 * @param makeModel throws `EmbeddingError` for a model that is not configured
 * @returns the summary, when the queue is empty or the time is over
 * @throws {QueueError} when the database refuses the worker, or is not available for more than a moment
 * @example const { stored } = await runEmbeddingWorker(queue, () => lexicalModel(), { workerId: "nightly" });
 */
export async function runEmbeddingWorker(
  queue: EmbeddingQueue,
  makeModel: (name: string) => EmbeddingModel,
  options: EmbeddingWorkerOptions,
): Promise<EmbeddingWorkerSummary> {
  const summary: EmbeddingWorkerSummary = { stored: 0, dropped: 0, failed: 0, tokens: 0, faults: [] };
  const names = options.model === undefined ? namesOf(await retry(() => queue.models())) : [options.model];
  for (const name of names) {
    try {
      await embedForModel(queue, name, makeModel(name), options, summary);
    } catch (error) {
      if (!(error instanceof EmbeddingError)) throw error;
      summary.faults.push({ model: name, error });
    }
  }
  return summary;
}

const states: RegisteredModel["state"][] = ["active", "filling", "former"];

const namesOf = (models: RegisteredModel[]) =>
  models.toSorted((one, other) => states.indexOf(one.state) - states.indexOf(other.state)).map(({ name }) => name);

async function embedForModel(
  queue: EmbeddingQueue,
  name: string,
  model: EmbeddingModel,
  options: EmbeddingWorkerOptions,
  summary: EmbeddingWorkerSummary,
): Promise<void> {
  const { workerId, leaseSeconds = 120, deadline = Infinity, userId, signal } = options;
  const batchSize = Math.min(options.batchSize ?? model.maxBatch, model.maxBatch);

  let fault: EmbeddingError | undefined;

  const claim = async (): Promise<Claimed> => {
    if (fault || signal?.aborted || Date.now() >= deadline) return { texts: [], waitUntil: 0 };
    // Only half of the lease may be spent on waiting, so that the result still comes before it expires.
    const waitUntil = Math.min(deadline, Date.now() + leaseSeconds * 500);
    return {
      texts: await retry(() => queue.claim({ workerId, model: name, batchSize, leaseSeconds, userId })),
      waitUntil,
    };
  };
  const embed = async ({ texts, waitUntil }: Claimed): Promise<Done> => {
    try {
      if (fault) throw fault;
      const contents = texts.map(({ content }) => content);
      const { embedded, tokens } = await embedWithRetries(model, contents, waitUntil, signal);
      summary.tokens += tokens ?? 0;
      for (const [place, each] of embedded.entries()) {
        if ("error" in each) options.onFailure?.(texts[place]!, each.error);
      }
      return {
        results: texts.map((text, place) => resultOf(text, embedded[place]!)),
        usage: model.isLocal
          ? []
          : usageOf(
              texts.filter((_, place) => "vector" in embedded[place]!),
              tokens,
            ),
      };
    } catch (error) {
      if (!(error instanceof EmbeddingError)) throw error;
      fault ??= error;
      return { results: texts.map((text) => released(text, error)), usage: [] };
    }
  };
  const store = async ({ results, usage }: Done) => {
    const requestId = crypto.randomUUID();
    if (usage.length > 0) await book(requestId, usage);
    const { stored, dropped, failed } = await retry(() => queue.store(results));
    summary.stored += stored;
    summary.dropped += dropped;
    summary.failed += failed;
    options.onBatch?.(summary);
  };
  /** Never throws: the embeddings are stored even if their usage cannot be booked. */
  const book = async (requestId: string, usage: EmbeddingUsage[]) => {
    try {
      await retry(() => queue.book(name, requestId, usage));
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      options.log?.(`Not booked: ${name} ${JSON.stringify(usage)}: ${error.code} ${error.message}`);
    }
  };
  const workOn = async (first: Claimed) => {
    let claiming = Promise.resolve(first);
    let storing = Promise.resolve();
    for (;;) {
      const claimed = await claiming;
      if (claimed.texts.length === 0) return storing;
      claiming = ahead(claim());
      const done = await embed(claimed);
      await storing;
      storing = ahead(store(done));
    }
  };

  const first = await claim();
  // A batch that is not full was the last one. Without this check, an empty queue would be asked twice.
  const isMore = first.texts.length === batchSize;
  const ends = await Promise.allSettled([workOn(first), ...(isMore ? [claim().then(workOn)] : [])]);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  if (fault) throw fault;
}

interface Claimed {
  texts: ClaimedText[];
  /** The latest time to wait for a provider, in milliseconds as `Date.now()` counts. */
  waitUntil: number;
}

interface Done {
  results: EmbeddingResult[];
  /** The usage by user, for the ledger. */
  usage: EmbeddingUsage[];
}

/** Marks a promise that is awaited later as handled, so that a rejection until then is not reported as unhandled. */
function ahead<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Embeds the texts. Waits for a provider that will be available in time. Throws an error that concerns all texts. */
async function embedWithRetries(
  model: EmbeddingModel,
  texts: string[],
  waitUntil: number,
  signal: AbortSignal | undefined,
): Promise<Embeddings> {
  for (let pauseMs = 1000; ; pauseMs *= 2) {
    try {
      return await model.embed(texts, signal);
    } catch (error) {
      if (!(error instanceof EmbeddingError && error.code === "rate_limited")) throw error;
      const waitMs = Math.max(error.retryAfterMs ?? 0, pauseMs);
      if (Date.now() + waitMs >= waitUntil || signal?.aborted) throw error;
      await pause(waitMs, signal);
    }
  }
}

function resultOf(text: ClaimedText, embedded: Embedded): EmbeddingResult {
  const { id, lease_token, content_hash } = text;
  if ("error" in embedded) return { ...failure(text, embedded.error), retryable: embedded.error.retryable };
  return { id, lease_token, content_hash, embedding: encodeUnitVector(embedded.vector) };
}

/**
 * Gives a text back whose embedding failed for another reason than the text. It is embedded when that reason is gone.
 */
function released(text: ClaimedText, error: EmbeddingError): EmbeddingResult {
  const waits = error.code === "aborted" ? { retry_after_seconds: 0 } : {};
  return { ...failure(text, error), ...waits, retryable: true, is_released: true };
}

function failure({ id, lease_token }: ClaimedText, error: EmbeddingError) {
  const { code, message, retryAfterMs } = error;
  return {
    id,
    lease_token,
    error: storableMessage(`${message} (${code})`),
    ...(retryAfterMs !== undefined && { retry_after_seconds: Math.ceil(retryAfterMs / 1000) }),
  };
}

/** Repeats a call whose error may pass. All these calls can be repeated safely. */
async function retry<T>(call: () => Promise<T>): Promise<T> {
  for (let pauseMs = 100; ; pauseMs *= 4) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof QueueError && error.isTransient) || pauseMs > 2000) throw error;
      await pause(pauseMs);
    }
  }
}
