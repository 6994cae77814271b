import { QueueError } from "../shared/queue-error.ts";
import { pause } from "../shared/pause.ts";
import { storableMessage } from "../shared/error-text.ts";
import { EmbeddingError } from "./embedding-error.ts";
import { encodeUnitVector } from "../shared/vector.ts";
import type { Embedded, EmbeddingModel, Embeddings } from "./embedding-model.ts";
import type { ClaimedText, EmbeddingQueue, EmbeddingResult, RegisteredModel, Stored } from "./embedding-queue.ts";
import { type EmbeddingUsage, usageOf } from "./embedding-usage.ts";

export interface EmbeddingWorkerOptions {
  /** Names the worker in the queue; anything that no other worker has. */
  workerId: string;
  /** How many texts go to the model at once. Default: as many as it takes. */
  batchSize?: number | undefined;
  /** How long a text stays the worker's. Default 120. */
  leaseSeconds?: number | undefined;
  /** When to stop claiming, in milliseconds as `Date.now()` counts. Default: when the queue is empty. */
  deadline?: number | undefined;
  /** Embed for this model only. Default: for all that are registered, the active one first. */
  model?: string | undefined;
  /** Embed this user's texts only. */
  userId?: string | undefined;
  /** Stops at once: what is claimed is given back. */
  signal?: AbortSignal | undefined;
  /** Called after each batch. */
  onBatch?: ((summary: EmbeddingWorkerSummary) => void) | undefined;
  /** One line for a fault that is none of a text or a model. */
  log?: ((line: string) => void) | undefined;
  /** Called for each text that got no vector for a reason of its own. */
  onFailure?: ((text: ClaimedText, error: EmbeddingError) => void) | undefined;
}

/** A model that could not go on, for a reason that is none of its texts'. */
export interface ModelFault {
  model: string;
  error: EmbeddingError;
}

export interface EmbeddingWorkerSummary extends Stored {
  /** What providers counted, as far as they said. */
  tokens: number;
  faults: ModelFault[];
}

/**
 * Works on the queue of embeddings. The model gets two batches at a time, the next ones are claimed before it is done with
 * them, and the last ones stored after, so that it always has something to do.
 *
 * A provider that asks to be left alone is waited for if it does not take long. A model that can't go on gives back what was
 * claimed for it, and leaves the others to theirs.
 *
 * @param makeModel throws `EmbeddingError` for a model that is not configured
 * @returns the summary, once the queue is empty or time is up
 * @throws {QueueError} when the database refuses the worker, or is away for more than a moment
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
    // An answer must still find the lease: half of it is for waiting.
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
  /** The vectors are there, whether somebody pays for them or not. */
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
  // Less than a batch is all that there is, so that an empty queue is asked once.
  const isMore = first.texts.length === batchSize;
  const ends = await Promise.allSettled([workOn(first), ...(isMore ? [claim().then(workOn)] : [])]);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  if (fault) throw fault;
}

interface Claimed {
  texts: ClaimedText[];
  /** How long a provider may be waited for, in milliseconds as `Date.now()` counts. */
  waitUntil: number;
}

interface Done {
  results: EmbeddingResult[];
  /** Whose texts they were, for the ledger. */
  usage: EmbeddingUsage[];
}

/** Awaited later: until then a rejection is not unhandled. */
function ahead<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Embeds the texts, or throws what stands in the way of all of them. Waits for a provider that will be there in time. */
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

/** The fault is not the text's: once it is mended, the text is embedded like any other. */
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

/** Repeats a call whose fault may pass: each of them is right to be sent again. */
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
