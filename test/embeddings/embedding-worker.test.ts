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

/** Makes the offline model, which calls `before` before each batch. */
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

describe("the embedding worker", () => {
  test("stores an embedding for every text, with its lease and the hash of its content", async () => {
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

  test("books a provider's tokens to each user by the length of the texts, and books nothing for the offline model", async () => {
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
    // Four characters are one token. Only the characters that are sent count.
    expect(uncounted.booked[0]!.usage).toEqual([
      { user_id: "ada", tokens: 3 },
      { user_id: "ben", tokens: 2000 },
    ]);
    expect(local.booked).toEqual([]);
  });

  test("books the same request again, with the same id, if the database was not available", async () => {
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

  test("claims once from an empty queue", async () => {
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

  test("claims at most as many texts at once as the model takes", async () => {
    const queue = queueInMemory(texts(3));

    await runWorker(queue, { ...lexicalModel(), maxBatch: 2 }, { batchSize: 100 });

    expect(queue.calls.filter((call) => call.startsWith("claim"))).toEqual([
      "claim 2",
      "claim 1",
      "claim 0",
      "claim 0",
    ]);
  });

  test("stops claiming at the deadline, and embeds the claimed texts", async () => {
    const queue = queueInMemory(texts(10));
    const deadline = Date.now() + 500;
    const untilDeadline = () => new Promise((resolve) => setTimeout(resolve, Math.max(0, deadline - Date.now()) + 20));

    const summary = await runWorker(queue, modelThat(untilDeadline), { batchSize: 1, deadline });

    // Two batches are at the model, and two were claimed in advance.
    expect(summary.stored).toBe(4);
    expect(queue.results).toHaveLength(4);
  });

  test("fails only the text that gets no embedding, and for good only if the text is the reason", async () => {
    const queue = queueInMemory(texts(3));
    const errors = [
      new EmbeddingError("not_finite", "The model's answer has values that are not numbers."),
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
        error: "The model's answer has values that are not numbers. (not_finite)",
        retryable: true,
      },
      { id: 2, lease_token: "lease 2", error: "Not this one . (refused)", retryable: false },
    ]);
  });

  test("waits a short time for a provider that asks for it, then sends the same texts", async () => {
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

  test("gives everything back if a provider asks for a longer wait than the time allows, until that time", async () => {
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

  test("ends at an error that no text has caused, and gives the texts back without an attempt", async () => {
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

  test("gives everything back when it is stopped", async () => {
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
    // The number of all claimed texts.
    const claimed = queue.calls.filter((call) => call.startsWith("claim")).map((call) => Number(call.slice(6)));
    expect(claimed.reduce((sum, count) => sum + count)).toBe(summary.failed);
  });

  test("embeds for all models, the active one first, and skips one that is not configured", async () => {
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

  test("waits a moment for a database that is not available, and does not wait after a refusal", async () => {
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
