// @ts-types="../_shared/assert-equals.d.ts"
import { assertEquals } from "@std/assert/equals";
import { EmbeddingError } from "../../../src/embeddings/embedding-error.ts";
import type { EmbeddingModel } from "../../../src/embeddings/embedding-model.ts";
import { lexicalModel } from "../../../src/embeddings/lexical-model.ts";
import { RpcError } from "../_shared/rpc-answer.ts";
import { createSearchHandler, type SearchDatabase, type SearchRequest } from "./handler.ts";

const post = (body: unknown) =>
  new Request("http://localhost/search", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

/** A database whose active model is each of these in turn, and that finds the name of the model at the time. */
function databaseOf(...active: string[]) {
  const booked: unknown[] = [];
  const searches: { request: SearchRequest; vector: string | null }[] = [];
  const database: SearchDatabase = {
    activeModel: () => Promise.resolve(active.length > 1 ? active.shift()! : active[0]!),
    payer: () => Promise.resolve("owner"),
    book: (model, usage) => Promise.resolve(void booked.push({ model, usage })),
    search(request, vector) {
      searches.push({ request, vector });
      return Promise.resolve([{ found: vector === null ? "words" : active[0] }]);
    },
  };
  return { database, searches, booked };
}

const named = (name: string) => ({ ...lexicalModel(), name });
const away = (name: string) => ({
  ...named(name),
  embed: () => Promise.reject(new EmbeddingError("unavailable", "The provider could not be reached.")),
});

Deno.test("searches by words and by meaning, and says by which model", async () => {
  const { database, searches } = databaseOf("groundwork-lexical-1");
  const handle = createSearchHandler({ makeModel: named });

  const response = await handle(post({ query: "bees", match_count: 3, kinds: ["thought"] }), database);

  assertEquals(response.status, 200);
  assertEquals(await response.json(), { data: [{ found: "groundwork-lexical-1" }], model: "groundwork-lexical-1" });
  assertEquals(searches.length, 1);
  assertEquals(searches[0]!.request, { query: "bees", match_count: 3, kinds: ["thought"] });
  assertEquals(JSON.parse(searches[0]!.vector!).length, 1536);
});

Deno.test("asks for the active model once before the first search, and once after each", async () => {
  const { database } = databaseOf("a");
  let asked = 0;
  const counting = { ...database, activeModel: () => ((asked += 1), database.activeModel()) };
  const handle = createSearchHandler({ makeModel: named });

  await handle(post({ query: "bees" }), counting);
  await handle(post({ query: "bees" }), counting);

  assertEquals(asked, 3);
});

Deno.test("what was found while another model became active is thrown away and searched anew", async () => {
  const { database, searches } = databaseOf("old", "new", "new");
  const handle = createSearchHandler({ makeModel: named });

  const response = await handle(post({ query: "bees" }), database);

  assertEquals(await response.json(), { data: [{ found: "new" }], model: "new" });
  assertEquals(searches.length, 2);
});

Deno.test("a model that is gone since the last search is no fault", async () => {
  const { database } = databaseOf("old", "old", "new");
  const gone = new Set<string>();
  const handle = createSearchHandler({
    makeModel: (name) => (gone.has(name) ? away(name) : named(name)),
  });
  await handle(post({ query: "bees" }), database);
  gone.add("old");

  const response = await handle(post({ query: "bees" }), database);

  assertEquals((await response.json()).model, "new");
});

Deno.test("searches by words alone when the provider is away, or not configured, and says so", async () => {
  const lines: string[] = [];
  const models = [
    away,
    () => {
      throw new EmbeddingError("not_configured", "AI_API_KEY is not set.");
    },
  ];
  const answers = [];
  for (const makeModel of models) {
    const { database } = databaseOf("text-embedding-3-small");
    const handle = createSearchHandler({ makeModel, log: (line) => lines.push(line) });
    const response = await handle(post({ query: "bees" }), database);
    assertEquals(response.status, 200);
    answers.push(await response.json());
  }

  assertEquals(answers, [
    { data: [{ found: "words" }], model: null, degraded: "Searched by words alone (unavailable)." },
    { data: [{ found: "words" }], model: null, degraded: "Searched by words alone (not_configured)." },
  ]);
  assertEquals(lines, [
    "Searched by words alone: The provider could not be reached.",
    "Searched by words alone: AI_API_KEY is not set.",
  ]);
});

const provider = (name: string): EmbeddingModel => ({
  name,
  maxBatch: 1,
  embed: async (texts) => ({ ...(await lexicalModel().embed(texts)), tokens: 7 }),
});

Deno.test("who asks pays for the vector of a provider, also if nothing comes of it, and for no other", async () => {
  const { database, booked } = databaseOf("provider's");
  const refuse = () => Promise.reject(new RpcError({ code: "GW907", message: "Nothing.", hint: "" }, 400));

  await createSearchHandler({ makeModel: provider })(post({ query: "bees" }), database);
  await createSearchHandler({ makeModel: provider })(post({ query: "bees" }), { ...database, search: refuse });
  await createSearchHandler({ makeModel: named })(post({ query: "bees" }), database);
  const nobody = { ...database, payer: () => Promise.resolve(null) };
  await createSearchHandler({ makeModel: provider })(post({ query: "bees" }), nobody);

  const entry = { model: "provider's", usage: [{ user_id: "owner", tokens: 7 }] };
  assertEquals(booked, [entry, entry]);
});

Deno.test("searches by words alone for whom no vector may be bought", async () => {
  const { database, searches } = databaseOf("provider's");
  const payer = () => Promise.reject(new RpcError({ code: "GW803", message: "Spent.", hint: "" }, 429));
  let asked = 0;
  const counting = (name: string) => ({ ...provider(name), embed: () => ((asked += 1), lexicalModel().embed(["x"])) });

  const response = await createSearchHandler({ makeModel: counting })(post({ query: "bees" }), { ...database, payer });

  assertEquals(await response.json(), {
    data: [{ found: "words" }],
    model: null,
    degraded: "Searched by words alone (GW803).",
  });
  assertEquals([asked, searches.length], [0, 1]);
});

Deno.test("passes on what the database refuses, with its code", async () => {
  const refuse = () => Promise.reject(new RpcError({ code: "GW999", message: "No such kind.", hint: "Try one." }, 400));
  const handle = createSearchHandler({ makeModel: named });
  const degraded = createSearchHandler({ makeModel: away });

  for (const search of [handle, degraded]) {
    const response = await search(post({ query: "bees" }), { ...databaseOf("a").database, search: refuse });

    assertEquals(response.status, 400);
    assertEquals(await response.json(), { error: { code: "GW999", message: "No such kind.", hint: "Try one." } });
  }
});

Deno.test("refuses what is not a POST, and what is no body of it", async () => {
  const { database, searches } = databaseOf("a");
  const handle = createSearchHandler({ makeModel: named });
  const bodies = [
    "nonsense",
    {},
    { query: "" },
    { query: " \n" },
    { query: "x".repeat(8193) },
    { query: "ä".repeat(4097) },
    { query: "bees", match_count: 0 },
    { query: "bees", match_count: 101 },
    { query: "bees", kinds: [] },
    { query: "bees", kinds: ["password"] },
    { query: "bees", user_id: "x" },
    `{"query": "bees"${" ".repeat(40_000)}}`,
  ];

  const get = await handle(new Request("http://localhost/search"), database);
  const answers = await Promise.all(bodies.map((body) => handle(post(body), database)));

  assertEquals(get.status, 405);
  for (const answer of answers) {
    assertEquals(answer.status, 400);
    assertEquals((await answer.json()).error.code, "invalid_body");
  }
  assertEquals(searches, []);
});

Deno.test("searches for 8 kB, and for what Postgres does not store, as for anything else", async () => {
  const { database, searches } = databaseOf("a");
  const handle = createSearchHandler({ makeModel: named });

  await handle(post({ query: "x".repeat(8192) }), database);
  await handle(post('{"query": "bees\\u0000 \\ud800"}'), database);

  assertEquals(
    searches.map(({ request }) => request.query.slice(0, 8)),
    ["xxxxxxxx", "bees  \ufffd"],
  );
});
