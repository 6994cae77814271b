import { describe, expect, test } from "vitest";
import { QueueError } from "../../src/shared/queue-error.ts";
import { EmbeddingError } from "../../src/embeddings/embedding-error.ts";
import type { EmbeddingModel } from "../../src/embeddings/embedding-model.ts";
import { lexicalModel } from "../../src/embeddings/lexical-model.ts";
import { type EmbeddingWorkerOptions, runEmbeddingWorker } from "../../src/embeddings/embedding-worker.ts";
import { type QueueInMemory, queueInMemory } from "./setup/queue-in-memory.ts";

const texts = (count: number) => Array.from({ length: count }, () => ({}));
const runWorker = (queue: QueueInMemory, model: EmbeddingModel, options: Partial<EmbeddingWorkerOptions> = {}) =>
  runEmbeddingWorker(queue, () => model, { workerId: "test", ...options });

/** The offline model, but `before` is done before each batch. */
function modelThat(before: (texts: string[], call: number) => unknown): EmbeddingModel {
  const offline = lexicalModel();
  let call = 0;
  return {
    ...offline,
    async embed(batch) {
      call += 1;
      await before(batch, call);
      return { ...(await offline.embed(batch)), tokens: batch.length };
    },
  };
}

const nothing = { stored: 0, dropped: 0, failed: 0, tokens: 0, faults: [] };

describe("working off embeddings", () => {
  test("stores a vector for every text, with its lease and the hash of what was embedded", async () => {
    const queue = queueInMemory(texts(5));

    const summary = await runWorker(
      queue,
      modelThat(() => {}),
      { batchSize: 2 },
    );

    expect(summary).toEqual({ ...nothing, stored: 5, tokens: 5 });
    expect(queue.results).toMatchObject(
      [1, 2, 3, 4, 5].map((id) => ({ id, lease_token: `lease ${id}`, content_hash: `hash ${id}` })),
    );
    for (const result of queue.results) {
      expect("embedding" in result && JSON.parse(result.embedding)).toHaveLength(1536);
    }
  });

  test("books a provider's tokens, to each user by the length of their texts, and none of its own", async () => {
    const claimed = [
      { user_id: "ada", content: "x".repeat(30) },
      { user_id: "ben", content: "x".repeat(60) },
      { user_id: "ada", content: "x".repeat(10) },
      { user_id: "ben", content: "x".repeat(100_000) },
    ];
    const provider = (tokens: number | undefined): EmbeddingModel => ({
      ...lexicalModel(),
      isLocal: false,
      embed: async (batch) => ({ ...(await lexicalModel().embed(batch)), tokens }),
    });
    const counted = queueInMemory(claimed.slice(0, 3));
    const uncounted = queueInMemory(claimed.slice(2));
    const local = queueInMemory(claimed);

    await runWorker(counted, provider(50));
    await runWorker(uncounted, provider(undefined));
    await runWorker(local, lexicalModel());

    expect(counted.booked).toEqual([
      {
        model: "groundwork-lexical-1",
        requestId: expect.stringMatching(/^[\da-f-]{36}$/),
        usage: [
          { user_id: "ada", tokens: 20 },
          { user_id: "ben", tokens: 30 },
        ],
      },
    ]);
    // Four characters a token, and no more than are sent.
    expect(uncounted.booked[0]!.usage).toEqual([
      { user_id: "ada", tokens: 3 },
      { user_id: "ben", tokens: 2000 },
    ]);
    expect(local.booked).toEqual([]);
  });

  test("books the same request again, by the same id, when the database was away", async () => {
    const ids: string[] = [];
    const queue = queueInMemory([{}], {
      book: async (_, requestId) => {
        ids.push(requestId);
        if (ids.length === 1) throw new QueueError("away", "57P03");
      },
    });

    expect(await runWorker(queue, { ...lexicalModel(), isLocal: false })).toMatchObject({ stored: 1 });
    expect(ids).toEqual([ids[0], ids[0]]);
  });

  test("an empty queue is claimed from once", async () => {
    const queue = queueInMemory([]);

    expect(await runWorker(queue, lexicalModel())).toEqual(nothing);
    expect(queue.calls).toEqual(["claim 0"]);
  });

  test("lets the model work on one batch while another is claimed and stored, and on no more than two", async () => {
    const queue = queueInMemory(texts(6));
    const steps: string[] = [];
    let working = 0;
    const model = modelThat(async () => {
      working += 1;
      steps.push(`${working} at work, ${queue.results.length} stored`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      working -= 1;
    });

    await runWorker(queue, model, { batchSize: 1 });

    expect(steps).toEqual([
      "1 at work, 0 stored",
      "2 at work, 0 stored",
      "2 at work, 1 stored",
      "2 at work, 2 stored",
      "2 at work, 3 stored",
      "2 at work, 4 stored",
    ]);
  });

  test("claims no more at a time than the model takes", async () => {
    const queue = queueInMemory(texts(3));

    await runWorker(queue, { ...lexicalModel(), maxBatch: 2 }, { batchSize: 100 });

    expect(queue.calls.filter((call) => call.startsWith("claim"))).toEqual([
      "claim 2",
      "claim 1",
      "claim 0",
      "claim 0",
    ]);
  });

  test("stops claiming at the deadline, and embeds what is claimed", async () => {
    const queue = queueInMemory(texts(10));
    const deadline = Date.now() + 500;
    const untilDeadline = () => new Promise((resolve) => setTimeout(resolve, Math.max(0, deadline - Date.now()) + 20));

    const summary = await runWorker(queue, modelThat(untilDeadline), { batchSize: 1, deadline });

    // Two batches at the model, and two that were claimed ahead.
    expect(summary.stored).toBe(4);
    expect(queue.results).toHaveLength(4);
  });

  test("a text without a vector fails alone, for good only when that is its own fault", async () => {
    const queue = queueInMemory(texts(3));
    const errors = [
      new EmbeddingError("not_finite", "The model answered something else than numbers."),
      new EmbeddingError("refused", "Not this one\0."),
    ];
    const { embed, ...offline } = lexicalModel();
    const model: EmbeddingModel = {
      ...offline,
      async embed(batch) {
        const { embedded, tokens } = await embed(batch);
        return { embedded: [{ error: errors[0]! }, { error: errors[1]! }, embedded[2]!], tokens };
      },
    };

    const summary = await runWorker(queue, model);

    expect(summary).toEqual({ ...nothing, stored: 1, failed: 2 });
    expect(queue.results.slice(0, 2)).toEqual([
      {
        id: 1,
        lease_token: "lease 1",
        error: "The model answered something else than numbers. (not_finite)",
        retryable: true,
      },
      { id: 2, lease_token: "lease 2", error: "Not this one . (refused)", retryable: false },
    ]);
  });

  test("a provider that asks for a moment gets it, and then the same texts", async () => {
    const queue = queueInMemory(texts(2));
    const asked: string[][] = [];
    const model = modelThat((batch, call) => {
      asked.push(batch);
      if (call === 1) throw new EmbeddingError("rate_limited", "Too often.", { retryAfterMs: 30 });
    });

    const summary = await runWorker(queue, model);

    expect(asked).toEqual([
      ["text 1", "text 2"],
      ["text 1", "text 2"],
    ]);
    expect(summary).toMatchObject({ stored: 2, failed: 0, faults: [] });
  });

  test("a provider that asks for longer than there is time is left alone, and all is given back until then", async () => {
    const queue = queueInMemory(texts(5));
    const model = modelThat(async () => {
      await new Promise(setImmediate);
      throw new EmbeddingError("rate_limited", "Too often.", { retryAfterMs: 600_500 });
    });

    const summary = await runWorker(queue, model, { batchSize: 1 });

    expect(summary).toMatchObject({ stored: 0, failed: 4, faults: [{ error: { code: "rate_limited" } }] });
    expect(queue.results.toSorted((one, other) => one.id - other.id)).toEqual(
      [1, 2, 3, 4].map((id) => ({
        id,
        lease_token: `lease ${id}`,
        error: "Too often. (rate_limited)",
        retryable: true,
        is_released: true,
        retry_after_seconds: 601,
      })),
    );
  });

  test("a fault that is no text's ends it; the texts stay as good as new", async () => {
    const queue = queueInMemory(texts(9));
    let calls = 0;
    const model = modelThat(() => {
      calls += 1;
      throw new EmbeddingError("unauthorized", "The provider refused the key.");
    });

    const summary = await runWorker(queue, model, { batchSize: 1 });

    expect(calls).toBeLessThanOrEqual(2);
    expect(summary).toMatchObject({
      stored: 0,
      failed: queue.results.length,
      faults: [{ error: { code: "unauthorized" } }],
    });
    expect(queue.results.every((result) => "is_released" in result && result.is_released)).toBe(true);
  });

  test("gives everything back when it is told to stop", async () => {
    const queue = queueInMemory(texts(9));
    const stop = new AbortController();
    const model: EmbeddingModel = {
      ...lexicalModel(),
      async embed(_, signal) {
        stop.abort();
        expect(signal?.aborted).toBe(true);
        throw new EmbeddingError("aborted", "The worker stopped.");
      },
    };

    const summary = await runWorker(queue, model, { batchSize: 2, signal: stop.signal });

    expect(summary).toMatchObject({ stored: 0, faults: [{ error: { code: "aborted" } }] });
    // Whatever was claimed.
    const claimed = queue.calls.filter((call) => call.startsWith("claim")).map((call) => Number(call.slice(6)));
    expect(claimed.reduce((sum, count) => sum + count)).toBe(summary.failed);
  });

  test("works for all models, the active one first, and skips one that is not configured", async () => {
    const queue = queueInMemory(
      [{ model_used: "former" }, { model_used: "filling" }, { model_used: "active" }, { model_used: "absent" }],
      {
        models: async () => [
          { name: "former", state: "former" },
          { name: "absent", state: "filling" },
          { name: "filling", state: "filling" },
          { name: "active", state: "active" },
        ],
      },
    );
    const made: string[] = [];

    const summary = await runEmbeddingWorker(
      queue,
      (name) => {
        made.push(name);
        if (name === "absent") throw new EmbeddingError("not_configured", "No key.");
        return { ...lexicalModel(), name };
      },
      { workerId: "test" },
    );

    expect(made).toEqual(["active", "absent", "filling", "former"]);
    expect(summary).toMatchObject({ stored: 3, faults: [{ model: "absent", error: { code: "not_configured" } }] });
    expect(queue.results.map(({ id }) => id)).toEqual([3, 2, 1]);
  });

  test("a moment without the database is waited for, and a refusal is not", async () => {
    const away = new QueueError("connection refused", "08006");
    let calls = 0;
    const unsteady = queueInMemory(texts(1));
    const { store } = unsteady;
    unsteady.store = async (results) => {
      calls += 1;
      if (calls === 1) throw away;
      return store(results);
    };
    const refusing = queueInMemory([], {
      claim: () => Promise.reject(new QueueError("permission denied", "42501")),
    });

    expect(await runWorker(unsteady, lexicalModel())).toMatchObject({ stored: 1 });
    await expect(runWorker(refusing, lexicalModel())).rejects.toMatchObject({ code: "42501" });
  });
});
