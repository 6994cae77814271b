/** The behaviour of the embedding queue on which its users may rely, the same for every way to reach the queue. */
import { createHash } from "node:crypto";
import { startLocal } from "#groundwork/local";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { embeddingQueueOverHttp } from "../../src/embeddings/embedding-queue-over-http.ts";
import type { EmbeddingModels, EmbeddingQueue } from "../../src/embeddings/embedding-queue.ts";
import { runEmbeddingWorker } from "../../src/embeddings/embedding-worker.ts";
import { lexicalModel, lexicalModelName } from "../../src/embeddings/lexical-model.ts";
import { embeddingQueueOverPostgres } from "../../src/node/postgres/embedding-queue-over-postgres.ts";
import { QueueError } from "../../src/shared/queue-error.ts";
import { type WayToQueue, waysToQueue } from "../setup/ways-to-queue.ts";
import { fakeVector } from "./setup/fake-embedder.ts";

const backend = await startLocal({ wirePort: 0 });
const user = await backend.signUp();
afterAll(() => backend.close());
afterEach(async () => {
  await backend.database.run("delete from public.thoughts; delete from public.personal_memories");
});

const write = async (text: string, by = user) =>
  (await by.client.from("thoughts").insert({ thought_text: text }).select("id").single().throwOnError()).data.id;
const remember = async (content: string) =>
  (await user.client.from("personal_memories").insert({ content, source: "test" }).select("id").single().throwOnError())
    .data.id;
const vectors = () =>
  backend.database.query<{ thought_id: number }>(
    "select thought_id from public.thought_embeddings order by thought_id",
  );
const waiting = () =>
  backend.database.query<{ attempts: number; last_error: string | null; failed: boolean; wait: number }>(
    `select attempts, last_error, failed_at is not null as failed,
      extract(epoch from due_at - now())::float8 as wait
    from groundwork.embedding_queue order by id`,
  );

type Queue = EmbeddingQueue & EmbeddingModels;

const ways = waysToQueue<Queue>(backend, user, {
  overHttp: embeddingQueueOverHttp,
  overPostgres: embeddingQueueOverPostgres,
});

describe.each(ways)("the embedding queue over %s", (transport, open) => {
  let way: WayToQueue<Queue>;
  let queue: Queue;
  beforeAll(async () => {
    way = await open();
    queue = way.queue;
  });
  afterAll(() => way.close());

  const claim = () => queue.claim({ workerId: "test", model: lexicalModelName, batchSize: 10, leaseSeconds: 60 });

  test("claims each waiting text once, and stores its embedding", async () => {
    const id = await write("Bees");
    const memory = await remember("Drinks tea");

    const claimed = await claim();
    const again = await claim();
    const stored = await queue.store([
      { ...claimed[0]!, embedding: `[${fakeVector("a").join(",")}]` },
      { ...claimed[1]!, error: "No.", retryable: false },
    ]);

    expect(claimed).toMatchObject([
      { kind: "thought", content: "Bees", model_used: lexicalModelName, user_id: user.user.id, attempts: 1 },
      { kind: "memory", content: "Drinks tea" },
    ]);
    expect(claimed[0]!.content_hash).toBe(createHash("sha256").update("Bees").digest("hex"));
    expect(again).toEqual([]);
    expect(stored).toEqual({ stored: 1, dropped: 0, failed: 1 });
    expect((await vectors()).map(({ thought_id }) => thought_id)).toEqual([id]);
    expect(await waiting()).toMatchObject([{ failed: true, last_error: "No." }]);
    expect(await queue.progress(lexicalModelName)).toEqual({ embedded: 1, pending: 1, failed: 1, unpaid: 0 });
    expect(await queue.retryFailed()).toBe(1);
    expect(await waiting()).toMatchObject([{ failed: false, attempts: 0 }]);
    expect(memory).toBeTypeOf("string");
  });

  test("drops an embedding that comes too late: the text was changed or deleted, or claimed by another worker", async () => {
    const changed = await write("Bees");
    const deleted = await write("Wasps");
    const expired = await write("Hornets");
    const claimed = await claim();
    await user.client.from("thoughts").update({ thought_text: "Bumblebees" }).eq("id", changed).throwOnError();
    await user.client.from("thoughts").delete().eq("id", deleted).throwOnError();
    await backend.database.run(`update groundwork.embedding_queue set due_at = now() where thought_id = ${expired}`);
    await queue.claim({ workerId: "other", model: lexicalModelName, batchSize: 10, leaseSeconds: 60 });

    const embedding = `[${fakeVector("a").join(",")}]`;

    const stored = await queue.store(
      claimed.map(({ id, lease_token, content_hash }) => ({ id, lease_token, content_hash, embedding })),
    );

    expect(stored).toEqual({ stored: 0, dropped: 3, failed: 0 });
    expect(await vectors()).toEqual([]);
    expect(await waiting()).toHaveLength(2);
  });

  test("gives a released text back without an attempt, and a failed one with a longer pause each time", async () => {
    await write("Bees");
    const fail = async (more: { is_released?: boolean; retry_after_seconds?: number }) => {
      await backend.database.run("update groundwork.embedding_queue set due_at = now()");
      const [text] = await claim();
      expect(await queue.store([{ ...text!, error: "Later.", retryable: true, ...more }])).toMatchObject({ failed: 1 });
      const [row] = await waiting();
      return [row!.attempts, Math.round(Math.abs(row!.wait) / 10) * 10];
    };

    expect(await fail({ is_released: true })).toEqual([0, 30]);
    expect(await fail({ is_released: true, retry_after_seconds: 300 })).toEqual([0, 300]);
    expect(await fail({ is_released: true, retry_after_seconds: 0 })).toEqual([0, 0]);
    expect(await fail({})).toEqual([1, 30]);
    expect(await fail({})).toEqual([2, 60]);
    expect(await fail({ is_released: true })).toEqual([2, 30]);
    expect(await fail({ retry_after_seconds: 600 })).toEqual([3, 600]);
  });

  test("moves from one model to another and back", async () => {
    const other = `other over ${transport}`;
    await write("Bees");

    await expect(queue.add(other)).rejects.toMatchObject({ code: "GW801" });
    await backend
      .adminClient()
      .rpc("set_model_price", {
        model: other,
        usage_kind: "embedding",
        price: 0,
        valid_from: new Date().toISOString(),
      })
      .throwOnError();
    expect(await queue.add(other)).toBe(1);
    expect(await queue.add(other)).toBe(0);
    expect(await queue.models()).toEqual([
      { name: lexicalModelName, state: "active" },
      { name: other, state: "filling" },
    ]);
    await expect(queue.switchTo(other)).rejects.toMatchObject({ code: "GW904" });
    await expect(queue.switchTo("nameless")).rejects.toMatchObject({ code: "GW903" });
    await runEmbeddingWorker(queue, (name) => ({ ...lexicalModel(), name }), { workerId: "test" });
    await queue.switchTo(other);
    expect(await queue.models()).toContainEqual({ name: lexicalModelName, state: "former" });
    await expect(queue.drop(other, 10)).rejects.toMatchObject({ code: "GW905" });
    await queue.switchTo(lexicalModelName);
    expect(await queue.drop(other, 10)).toBe(1);
    expect(await queue.drop(other, 10)).toBe(0);
    expect(await queue.models()).toEqual([{ name: lexicalModelName, state: "active" }]);
  });

  test("embeds all texts, in batches", async () => {
    const texts = Array.from({ length: 25 }, (_, number) => ({ thought_text: `thought number ${number}` }));
    await user.client.from("thoughts").insert(texts).throwOnError();

    expect(await runEmbeddingWorker(queue, () => lexicalModel(), { workerId: "test", batchSize: 10 })).toMatchObject({
      stored: 25,
      dropped: 0,
      failed: 0,
    });
    expect(await vectors()).toHaveLength(25);
  });

  test("claims the texts of one user only, if a user is given", async () => {
    const stranger = await backend.signUp();
    await write("Bees");
    const theirs = await write("Wasps", stranger);

    const claimed = await queue.claim({
      workerId: "test",
      model: lexicalModelName,
      batchSize: 10,
      leaseSeconds: 60,
      userId: stranger.user.id,
    });

    expect(claimed).toMatchObject([{ user_id: stranger.user.id, content: "Wasps" }]);
    await queue.store([{ ...claimed[0]!, embedding: `[${fakeVector("a").join(",")}]` }]);
    expect((await vectors()).map(({ thought_id }) => thought_id)).toEqual([theirs]);
  });

  test("books a request to the active model once, and nothing for another model", async () => {
    const payer = await backend.signUp();
    const price = {
      model: lexicalModelName,
      usage_kind: "embedding" as const,
      price: 1,
      per: 1000,
      valid_from: new Date().toISOString(),
    };
    await backend.adminClient().rpc("set_model_price", price).throwOnError();
    const usage = [{ user_id: payer.user.id, tokens: 500 }];

    await queue.book(lexicalModelName, "request 1", usage);
    await queue.book(lexicalModelName, "request 1", usage);
    await queue.book("nameless-1", "request 2", usage);

    const { data: booked } = await payer.client.from("budget_entries").select().throwOnError();
    expect(booked).toMatchObject([{ resource_type: "embedding", tokens_used: 500, cost: 0.5 }]);
    await backend.database.run(
      "delete from public.budget_entries; delete from groundwork.model_prices where price = 1",
    );
  });

  const rejection = (call: Promise<unknown>) =>
    call.then(
      () => expect.unreachable("it was answered"),
      (error: unknown) => error as QueueError,
    );
  const claiming = { workerId: "test", model: lexicalModelName, batchSize: 1, leaseSeconds: 60 };

  test.for<[string, string, (on: Queue) => Promise<unknown>]>([
    ["more than 1000 texts at once", "GW901", (on) => on.claim({ ...claiming, batchSize: 1001 })],
    ["a lease of no time", "GW901", (on) => on.claim({ ...claiming, leaseSeconds: 0 })],
    ["results that are no list", "GW902", (on) => on.store({} as never)],
    ["to book without a request", "GW902", (on) => on.book(lexicalModelName, null!, [])],
  ])("refuses %s with %s", async ([, code, call]) => {
    const error = await rejection(call(queue));

    expect(error).toBeInstanceOf(QueueError);
    expect(error).toMatchObject({ code, isTransient: false });
  });

  const calls: Record<keyof Queue, (on: Queue) => Promise<unknown>> = {
    models: (on) => on.models(),
    claim: (on) => on.claim(claiming),
    store: (on) => on.store([]),
    book: (on) => on.book(lexicalModelName, "request", []),
    add: (on) => on.add("another"),
    switchTo: (on) => on.switchTo(lexicalModelName),
    drop: (on) => on.drop("another", 1),
    progress: (on) => on.progress(lexicalModelName),
    retryFailed: (on) => on.retryFailed(),
  };
  // Users may read the progress of their own texts.
  const { progress: _, ...forbiddenCalls } = calls;

  test.for(Object.entries(forbiddenCalls))("%s is refused to a role that may not use the queue", async ([, call]) => {
    const error = await rejection(call(way.forbidden));

    expect(error).toBeInstanceOf(QueueError);
    expect(error).toMatchObject({ code: "42501", isTransient: false });
  });

  test.for(Object.entries(calls))("%s reports an error that may pass if nobody answers", async ([, call]) => {
    const error = await rejection(call(way.away()));

    expect(error).toBeInstanceOf(QueueError);
    expect(error).toMatchObject({ code: way.awayCode, isTransient: true });
  });
});
