// @ts-types="../_shared/assert-equals.d.ts"
import { assertEquals } from "@std/assert/equals";
import { QueueError } from "../../../src/shared/queue-error.ts";
import { EmbeddingError } from "../../../src/embeddings/embedding-error.ts";
import { lexicalModel } from "../../../src/embeddings/lexical-model.ts";
import { goldenVectors, sha256 } from "../../../test/embeddings/setup/golden-vectors.ts";
import { queueInMemory } from "../../../test/embeddings/setup/queue-in-memory.ts";
import { createEmbedHandler } from "./handler.ts";

const headers = { "content-type": "application/json" };
const post = (body?: string) => new Request("http://localhost/embed", { method: "POST", headers, body });
const throws = (error: EmbeddingError) => () => {
  throw error;
};

Deno.test("the offline model makes the same vectors on Deno as on Node", async () => {
  const { embedded } = await lexicalModel().embed(goldenVectors.map(([text]) => text));

  const digests = await Promise.all(embedded.map((each) => ("vector" in each ? sha256(each.vector) : "none")));
  assertEquals(
    digests,
    goldenVectors.map(([, digest]) => digest),
  );
});

Deno.test("embeds until the queue is empty, and says what became of the texts", async () => {
  const queue = queueInMemory([{}, {}, {}]);
  const handle = createEmbedHandler({ queue, makeModel: lexicalModel });

  const response = await handle(post('{"batch_size": 2}'));

  assertEquals(response.status, 200);
  assertEquals(await response.json(), { data: { stored: 3, dropped: 0, failed: 0, tokens: 0, faults: [] } });
  assertEquals(
    queue.results.map(({ id }) => id),
    [1, 2, 3],
  );
});

Deno.test("an empty queue is no fault", async () => {
  const handle = createEmbedHandler({ queue: queueInMemory([]), makeModel: lexicalModel });

  const response = await handle(post());

  assertEquals(await response.json(), { data: { stored: 0, dropped: 0, failed: 0, tokens: 0, faults: [] } });
});

Deno.test("embeds one user's texts only when it is for one user", async () => {
  const queue = queueInMemory([{ user_id: "owner" }, { user_id: "stranger" }]);
  const handle = createEmbedHandler({ queue, makeModel: lexicalModel, userId: "stranger" });

  await handle(post());

  assertEquals(
    queue.results.map(({ id }) => id),
    [2],
  );
});

Deno.test("claims nothing when the process is about to end", async () => {
  const queue = queueInMemory([{}]);
  const handle = createEmbedHandler({ queue, makeModel: lexicalModel, shutdownSignal: AbortSignal.abort() });

  assertEquals((await (await handle(post())).json()).data.stored, 0);
  assertEquals(queue.results, []);
});

Deno.test("refuses what is not a POST, and what is no body of it", async () => {
  const queue = queueInMemory([{}]);
  const handle = createEmbedHandler({ queue, makeModel: lexicalModel });
  const bodies = [
    "nonsense",
    "[]",
    '{"batch_size": 0}',
    '{"batch_size": 101}',
    '{"max_seconds": 1000}',
    '{"owner_id": "x"}',
    " ".repeat(2000),
  ];

  const get = await handle(new Request("http://localhost/embed"));
  const answers = await Promise.all(bodies.map((body) => handle(post(body))));

  assertEquals(get.status, 405);
  assertEquals(get.headers.get("allow"), "POST");
  assertEquals((await get.json()).error.code, "method_not_allowed");
  for (const answer of answers) {
    assertEquals(answer.status, 400);
    assertEquals((await answer.json()).error.code, "invalid_body");
  }
  assertEquals(queue.calls, []);
});

Deno.test("says why a model embeds nothing, and when to call again", async () => {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const limited = new EmbeddingError("rate_limited", "Too often.", { retryAfterMs: 99_500 });
  const unconfigured = new EmbeddingError("not_configured", "AI_API_KEY is not set.");
  const busy = { ...lexicalModel(), embed: () => Promise.reject(limited) };

  const later = await createEmbedHandler({ queue: queueInMemory([{}]), makeModel: () => busy, log })(post());
  const never = await createEmbedHandler({ queue: queueInMemory([{}]), makeModel: throws(unconfigured), log })(post());

  assertEquals([later.status, later.headers.get("retry-after")], [503, "100"]);
  assertEquals((await later.json()).error.code, "rate_limited");
  assertEquals(never.status, 500);
  assertEquals((await never.json()).error, {
    code: "not_configured",
    message: "AI_API_KEY is not set.",
    hint: "Correct the secrets of the function, or choose another model.",
  });
  assertEquals(lines, [
    "No embeddings by groundwork-lexical-1: Too often.",
    "No embeddings by groundwork-lexical-1: AI_API_KEY is not set.",
  ]);
});

Deno.test("a model at fault does not hide what another one has done", async () => {
  const queue = queueInMemory([{}], {
    models: () =>
      Promise.resolve([
        { name: "groundwork-lexical-1", state: "active" },
        { name: "absent", state: "filling" },
      ]),
  });
  const makeModel = (name: string) =>
    name === "absent" ? throws(new EmbeddingError("not_configured", "No key."))() : lexicalModel();

  const response = await createEmbedHandler({ queue, makeModel })(post());

  assertEquals(response.status, 200);
  assertEquals((await response.json()).data, {
    stored: 1,
    dropped: 0,
    failed: 0,
    tokens: 0,
    faults: [{ model: "absent", code: "not_configured", message: "No key." }],
  });
});

Deno.test("says that the queue can't be used when the database refuses it", async () => {
  const lines: string[] = [];
  const models = () => Promise.reject(new QueueError("permission denied for function", "42501"));
  const queue = queueInMemory([], { models });
  const handle = createEmbedHandler({ queue, makeModel: lexicalModel, log: (line) => lines.push(line) });

  const response = await handle(post());

  assertEquals(response.status, 503);
  assertEquals((await response.json()).error.code, "queue_unavailable");
  assertEquals(lines, ["The queue can't be used: 42501 permission denied for function"]);
});
