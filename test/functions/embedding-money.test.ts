/** The cost of a provider's embeddings, and who pays for them, on the embedded stack. */
import { type LocalBackend, type SignedUp, startLocal } from "#groundwork/local";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { embeddingQueueOverHttp } from "../../src/embeddings/embedding-queue-over-http.ts";
import type { EmbeddingModels, EmbeddingQueue } from "../../src/embeddings/embedding-queue.ts";
import { lexicalModelName } from "../../src/embeddings/lexical-model.ts";
import type { FakeProvider } from "../agents/setup/fake-provider.ts";
import { embeds, startFakeEmbedder } from "../embeddings/setup/fake-embedder.ts";
import { headersOf, postToFunction } from "./setup/post-to-function.ts";

const model = "text-embedding-3-small";
const usdOfToken = 0.02 / 1_000_000;

let backend: LocalBackend;
let queue: EmbeddingQueue & EmbeddingModels;
let provider: FakeProvider;
beforeAll(async () => {
  provider = await startFakeEmbedder();
  provider.behave(embeds());
  vi.stubEnv("AI_BASE_URL", provider.baseUrl);
  vi.stubEnv("AI_API_KEY", "key");
  backend = await startLocal();
  queue = embeddingQueueOverHttp(backend.adminClient());
  await queue.add(model);
  await queue.switchTo(model);
  await queue.drop(lexicalModelName, 10);
});
afterAll(async () => {
  await backend.close();
  await provider[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
});
afterEach(() => backend.database.run("delete from public.thoughts"));

const write = ({ client }: SignedUp, text: string) =>
  client.from("thoughts").insert({ thought_text: text }).throwOnError();
const limit = ({ user }: SignedUp, monthly_limit: number) =>
  backend.adminClient().from("user_spend_limits").upsert({ user_id: user.id, monthly_limit }).throwOnError();
const payer = ({ client }: SignedUp) => client.rpc("embedding_payer", { model });
const ledger = async ({ client }: SignedUp) =>
  (
    await client
      .from("budget_entries")
      .select("resource_type, usage_kind, model_used, cost, tokens_used, campaign_id, agent_job_id")
      .order("created_at")
      .throwOnError()
  ).data;
const waiting = () =>
  backend.database.query("select attempts, is_unpaid, due_at::text from groundwork.embedding_queue");
/** Calls a function with the secret key, or as one user. */
async function call(name: string, body: object, by?: SignedUp) {
  const headers = by ? headersOf(backend, by) : { apikey: backend.secretKey };
  const response = await postToFunction(backend, name, headers, body);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test("texts and questions are booked to their user, and count for the user's month", async () => {
  const [ada, ben] = [await backend.signUp(), await backend.signUp()];
  await write(ada, "x".repeat(4000));
  await write(ada, "x".repeat(2000));
  await write(ben, "bees");

  expect((await call("embed", {})).body).toMatchObject({ data: { stored: 3, failed: 0, faults: [] } });
  expect((await call("search", { query: "bees" }, ada)).body).toMatchObject({ model });
  expect((await call("recall", { query: "bees" }, ada)).body).toMatchObject({ model });

  const entries = await ledger(ada);
  expect(entries).toHaveLength(3);
  for (const entry of entries) {
    expect(entry).toMatchObject({ resource_type: "embedding", usage_kind: "embedding", model_used: model });
    expect(entry).toMatchObject({ campaign_id: null, agent_job_id: null });
    expect(entry.tokens_used).toBeGreaterThan(0);
    expect(entry.cost).toBeCloseTo(Math.ceil(entry.tokens_used * usdOfToken * 1e6) / 1e6, 9);
  }
  const { data: month } = await ada.client.rpc("monthly_spending").throwOnError();
  expect((month as { spent: number }).spent).toBeCloseTo(
    entries.reduce((sum, { cost }) => sum + cost, 0),
    9,
  );
  expect(await ledger(ben)).toHaveLength(1);
  expect((await payer(ada)).data).toBe(ada.user.id);
});

test("a request is booked once even if it is sent again, and never to a deleted user", async () => {
  const writer = await backend.signUp();
  const usage = [
    { user_id: writer.user.id, tokens: 1_000_000 },
    { user_id: crypto.randomUUID(), tokens: 5 },
  ];

  await queue.book(model, "request", usage);
  await queue.book(model, "request", usage);
  await queue.book(lexicalModelName, "of another model", usage);

  expect(await ledger(writer)).toMatchObject([{ cost: 0.02, tokens_used: 1_000_000 }]);
});

test("no user spends more than the monthly limit: the texts wait, and block no other user's", async () => {
  const [poor, rich] = [await backend.signUp(), await backend.signUp()];
  await limit(poor, 0);
  for (const text of ["one", "two", "three"]) await write(poor, text);
  await write(rich, "four");
  const requests = provider.requests.length;

  expect((await call("embed", { batch_size: 1 })).body).toMatchObject({ data: { stored: 1, failed: 0 } });

  expect(provider.requests).toHaveLength(requests + 1);
  expect(await ledger(poor)).toEqual([]);
  expect(await waiting()).toEqual(
    Array.from({ length: 3 }, () => ({ attempts: 0, is_unpaid: true, due_at: "infinity" })),
  );
  expect((await payer(poor)).error).toMatchObject({ code: "GW803" });

  await limit(poor, 1);
  expect((await call("embed", {})).body).toMatchObject({ data: { stored: 3 } });
  expect(await ledger(poor)).toHaveLength(1);
});

test("if the limit is reached, a search uses words only and recall is refused; guests have a limit of 0", async () => {
  const poor = await backend.signUp();
  await limit(poor, 0);
  const guest = await backend.signUp();
  await backend.database.run(`update public.users set is_anonymous = true where id = '${guest.user.id}'`);
  await write(poor, "The hive lost its queen");
  const requests = provider.requests.length;

  const found = await call("search", { query: "queen" }, poor);
  const recalled = await call("recall", { query: "queen" }, poor);
  const ofGuest = await call("recall", { query: "queen" }, guest);

  expect(found.body).toMatchObject({ data: [{ kind: "thought" }], degraded: "Searched by words alone (GW803)." });
  expect(recalled).toMatchObject({ status: 429, body: { error: { code: "GW803" } } });
  expect(ofGuest).toMatchObject({ status: 429, body: { error: { code: "GW803" } } });
  expect(provider.requests).toHaveLength(requests);
});

test("the operator pays for embeddings of a model that is still filling", async () => {
  const next = "text-embedding-3-large";
  const writer = await backend.signUp();
  await limit(writer, 0);
  await queue.add(next);
  await write(writer, "Bees");

  expect((await call("embed", {})).body).toMatchObject({ data: { stored: 1, faults: [] } });

  const kept = await backend.database.query("select model_used from public.thought_embeddings");
  expect(kept).toEqual([{ model_used: next }]);
  expect(await ledger(writer)).toEqual([]);
  expect(await writer.client.rpc("embedding_payer", { model: next })).toMatchObject({ data: null, error: null });
});
