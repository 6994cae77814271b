// @ts-types="../_shared/assert-equals.d.ts"
import { assertEquals } from "@std/assert/equals";
import { EmbeddingError } from "../../../src/embeddings/embedding-error.ts";
import { lexicalModel } from "../../../src/embeddings/lexical-model.ts";
import { RpcError } from "../_shared/rpc-answer.ts";
import { createRecallHandler, type RecallRequest } from "./handler.ts";

const headers = { "content-type": "application/json" };
const post = (body: unknown) =>
  new Request("http://localhost/recall", { method: "POST", headers, body: JSON.stringify(body) });

function memories() {
  const asked: RecallRequest[] = [];
  const database = {
    activeModel: () => Promise.resolve("groundwork-lexical-1"),
    payer: () => Promise.resolve<string | null>(null),
    book: () => Promise.resolve(),
    recall(request: RecallRequest, vector: string) {
      asked.push(request);
      return Promise.resolve([{ width: JSON.parse(vector).length }]);
    },
  };
  return { database, asked };
}

Deno.test("recalls what was known at a time", async () => {
  const { database, asked } = memories();
  const handle = createRecallHandler({ makeModel: lexicalModel });
  const request = { query: "tea", match_count: 3, match_threshold: 0.2, as_of: "2026-01-31T12:00:00+01:00" };

  const response = await handle(post(request), database);

  assertEquals(response.status, 200);
  assertEquals(await response.json(), { data: [{ width: 1536 }], model: "groundwork-lexical-1" });
  assertEquals(asked, [request]);
});

Deno.test("says that it can't recall without the model", async () => {
  const { database, asked } = memories();
  const lines: string[] = [];
  const handle = createRecallHandler({
    makeModel: () => {
      throw new EmbeddingError("not_configured", "AI_API_KEY is not set.");
    },
    log: (line) => lines.push(line),
  });

  const response = await handle(post({ query: "tea" }), database);

  assertEquals(response.status, 503);
  assertEquals((await response.json()).error.code, "not_configured");
  assertEquals(asked, []);
  assertEquals(lines, ["Nothing recalled: AI_API_KEY is not set."]);
});

Deno.test("asks no provider for whom no vector may be bought", async () => {
  const { database, asked } = memories();
  const message = "What you may spend this month is spent.";
  const payer = () => Promise.reject(new RpcError({ code: "GW803", message, hint: "Wait." }, 429));
  const makeModel = () => ({ ...lexicalModel(), isLocal: false });

  const response = await createRecallHandler({ makeModel })(post({ query: "tea" }), { ...database, payer });

  assertEquals(response.status, 429);
  assertEquals(await response.json(), { error: { code: "GW803", message, hint: "Wait." } });
  assertEquals(asked, []);
});

Deno.test("refuses what is no body of it", async () => {
  const { database } = memories();
  const handle = createRecallHandler({ makeModel: lexicalModel });
  const bodies = [
    {},
    { query: "tea", as_of: "yesterday" },
    { query: "tea", match_threshold: 2 },
    { query: "tea", n: 1 },
  ];

  for (const body of bodies) {
    const response = await handle(post(body), database);

    assertEquals(response.status, 400);
    assertEquals((await response.json()).error.code, "invalid_body");
  }
});
