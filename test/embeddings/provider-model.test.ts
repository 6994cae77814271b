import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EmbeddingError } from "../../src/embeddings/embedding-error.ts";
import type { Embedded } from "../../src/embeddings/embedding-model.ts";
import { embeddingModelByName } from "../../src/embeddings/embedding-model-by-name.ts";
import { providerModel } from "../../src/embeddings/provider-model.ts";
import { type Behaviour, type FakeProvider, fails } from "../agents/setup/fake-provider.ts";
import { embeds, fakeVector, requestsOf, startFakeEmbedder } from "./setup/fake-embedder.ts";

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startFakeEmbedder();
});
afterAll(() => provider[Symbol.asyncDispose]());

const model = (timeoutMs = 10_000) =>
  providerModel({ baseUrl: provider.baseUrl, apiKey: "secret", model: "text-embedding-3-small", timeoutMs });
const texts = ["a", "bb", "ccc", "dddd"];

const failure = (run: Promise<unknown>): Promise<EmbeddingError> =>
  run.then(
    () => expect.unreachable("it should have failed"),
    (error: EmbeddingError) => error,
  );

/** For each text: the code of its error, or the text whose vector it has. */
const got = (embedded: Embedded[], from = texts) =>
  embedded.map((each) => {
    if ("error" in each) return each.error.code;
    expect(Math.hypot(...each.vector)).toBeCloseTo(1, 6);
    return from.find((text) =>
      fakeVector(text).every((number, place) => Math.abs(number - each.vector[place]!) < 1e-6),
    );
  });

/** Answers as `behaviour` does if a request contains one of the bad texts, and correctly otherwise. */
const unless =
  (isAtFault: (input: string[]) => boolean, behaviour: Behaviour): Behaviour =>
  (request, response) =>
    (isAtFault((request.body as unknown as { input: string[] }).input) ? behaviour : embeds())(request, response);

describe("a provider that answers", () => {
  test("is asked once, with the key, the model and the width", async () => {
    provider.behave(embeds());

    const { embedded, tokens } = await model().embed(texts);

    expect(got(embedded)).toEqual(texts);
    expect(tokens).toBe(4);
    expect(provider.requests).toMatchObject([{ path: "/v1/embeddings", authorization: "Bearer secret" }]);
    expect(requestsOf(provider)).toEqual([
      { model: "text-embedding-3-small", input: texts, dimensions: 1536, encoding_format: "float" },
    ]);
  });

  test("gets no request for an empty list", async () => {
    provider.behave(embeds());

    expect(await model().embed([])).toEqual({ embedded: [], tokens: undefined });
    expect(provider.requests).toEqual([]);
  });

  test("need not report its usage", async () => {
    provider.behave(embeds((answer) => ({ ...answer, usage: undefined })));

    expect((await model().embed(texts)).tokens).toBeUndefined();
  });

  test("in another order is sorted by its indexes", async () => {
    provider.behave(embeds((answer) => ({ ...answer, data: answer.data.toReversed() })));

    expect(got((await model().embed(texts)).embedded)).toEqual(texts);
  });

  test("without indexes is used in its own order", async () => {
    provider.behave(embeds(({ data }) => ({ data: data.map(({ embedding }) => ({ embedding })) })));

    expect(got((await model().embed(texts)).embedded)).toEqual(texts);
  });

  test("with vectors of any length is scaled to unit length, even if squares would overflow or become 0", async () => {
    for (const factor of [7, 1e-30, 1e300, 1e-310]) {
      provider.behave(
        embeds(({ data }) => ({
          data: data.map(({ embedding, index }) => ({ index, embedding: embedding.map((number) => number! * factor) })),
        })),
      );

      expect(got((await model().embed(texts)).embedded)).toEqual(texts);
    }
  });

  test("is sent the first 8,000 characters of a text, without cutting a character", async () => {
    provider.behave(embeds());

    await model().embed(["x".repeat(100_000), `${"x".repeat(7999)}😀`]);

    expect(requestsOf(provider)[0]!.input.map((text) => text.length)).toEqual([8000, 7999]);
  });

  test("with a single width is not asked for a width again after it has refused to", async () => {
    const refuse = fails(400, {}, "This model does not support specifying dimensions.");
    provider.behave((request, response) => ("dimensions" in request.body ? refuse : embeds())(request, response));
    const one = model();

    expect(got((await one.embed(texts)).embedded)).toEqual(texts);
    expect(got((await one.embed(texts)).embedded)).toEqual(texts);
    expect(requestsOf(provider).map(({ dimensions }) => dimensions)).toEqual([1536, undefined, undefined]);
  });
});

describe("of a wrong answer nothing is used:", () => {
  test("vectors of another width are refused with the remedy", async () => {
    for (const width of [0, 1, 1024, 3072]) {
      provider.behave(
        embeds((answer) => ({
          ...answer,
          data: answer.data.map((each) => ({ ...each, embedding: fakeVector("a", width) })),
        })),
      );

      const error = await failure(model().embed(texts));

      expect(error).toMatchObject({ code: "wrong_width", retryable: false });
      expect(error.message).toContain(`The model's vectors have ${width} numbers; Groundwork stores 1536.`);
      expect(error.message).toContain("text-embedding-3-small");
      expect(provider.requests).toHaveLength(1);
    }
  });

  test.for([
    ["a width of its own", () => [1, 2, 3], "wrong_width"],
    ["an empty vector", () => [], "wrong_width"],
    ["zeros", (whole: unknown[]) => whole.map(() => 0), "zero_vector"],
    ["a null in place of NaN", (whole: unknown[]) => whole.with(77, null), "not_finite"],
    ["a text in place of a number", (whole: unknown[]) => whole.with(77, "0.5"), "not_finite"],
    ["a list in place of a number", (whole: unknown[]) => whole.with(77, [0.5]), "not_finite"],
  ] as const)("%s fails one text and no other", async ([, spoil, code]) => {
    provider.behave(
      embeds(({ data, usage }) => ({
        usage,
        data: data.map((each) => (each.index === 2 ? { ...each, embedding: spoil(each.embedding) } : each)),
      })),
    );

    const { embedded, tokens } = await model().embed(texts);

    expect(got(embedded)).toEqual(["a", "bb", code, "dddd"]);
    expect(tokens).toBe(4);
    expect(provider.requests).toHaveLength(1);
  });

  test("a number that is too large is not a number", async () => {
    provider.behave(embeds((answer) => JSON.stringify(answer).replace("0,0,0]", "1e999,0,0]")));

    expect(got((await model().embed(texts)).embedded)).toEqual(["not_finite", "bb", "ccc", "dddd"]);
  });

  test("a batch that is answered in part is requested again in halves", async () => {
    provider.behave(embeds((answer) => ({ ...answer, data: answer.data.slice(0, 2) })));

    const { embedded, tokens } = await model().embed(texts);

    expect(got(embedded)).toEqual(texts);
    expect(requestsOf(provider).map(({ input }) => input)).toEqual([
      texts,
      ["Groundwork"],
      ["a", "bb"],
      ["ccc", "dddd"],
    ]);
    expect(tokens).toBe(4);
  });

  test.for([
    ["too few", () => ({ data: [] })],
    ["too many", (answer: { data: unknown[] }) => ({ data: [...answer.data, ...answer.data] })],
  ] as const)("%s vectors for any request count as missing", async ([, spoil]) => {
    provider.behave(embeds(spoil));

    expect(await failure(model().embed(texts))).toMatchObject({ code: "missing", retryable: true });
  });

  test.for([
    ["the same index twice", (indexes: number[]) => indexes.map(() => 0)],
    ["indexes from 1", (indexes: number[]) => indexes.map((index) => index + 1)],
    ["a negative index", (indexes: number[]) => indexes.map((index) => index - 1)],
    ["a huge index", (indexes: number[]) => indexes.map((index) => index + 4_000_000_000)],
    ["half an index", (indexes: number[]) => indexes.map((index) => index + 0.5)],
  ] as const)("%s does not show which vector belongs to which text", async ([, reindex]) => {
    provider.behave(
      embeds(({ data }) => {
        const indexes = reindex(data.map(({ index }) => index));
        // A single text is answered correctly, so that the answer is not refused as a whole.
        return { data: data.map((each, place) => ({ ...each, index: data.length > 1 ? indexes[place] : 0 })) };
      }),
    );

    expect(got((await model().embed(texts)).embedded)).toEqual(texts);
    expect(requestsOf(provider).at(-1)!.input).toHaveLength(1);
  });

  test.for([
    ["JSON that breaks off", (whole: string) => whole.slice(0, 200)],
    ["NaN, which is no JSON", (whole: string) => whole.replaceAll('"embedding":[', '"embedding":[NaN,')],
    ["HTML", () => "<html>Bad gateway</html>"],
    ["null", () => "null"],
    ["an error", () => '{"error":{"message":"no"}}'],
    ["vectors in base64", () => '{"data":[{"index":0,"embedding":"AAAA"}]}'],
  ] as const)("%s is not an answer", async ([, spoil]) => {
    provider.behave(embeds((answer) => spoil(JSON.stringify(answer))));

    expect(await failure(model().embed(texts))).toMatchObject({ code: "invalid_answer", retryable: true });
    expect(provider.requests).toHaveLength(2);
  });
});

describe("a provider that refuses", () => {
  test("one text for good still embeds the others", async () => {
    provider.behave(unless((input) => input.includes("ccc"), fails(400, {}, "The input is not allowed.")));

    const { embedded } = await model().embed(texts);

    expect(got(embedded)).toEqual(["a", "bb", "refused", "dddd"]);
    const [, , third] = embedded as [Embedded, Embedded, { error: EmbeddingError }, Embedded];
    expect(third.error.message).toContain("The input is not allowed.");
    expect(third.error.retryable).toBe(false);
  });

  test("long texts gets shorter ones", async () => {
    const long = "x".repeat(30_000);
    provider.behave(
      unless((input) => input.some((text) => text.length > 2500), fails(400, {}, "maximum context length")),
    );

    const { embedded } = await model().embed(["a", long]);

    expect(got(embedded, ["a", "x".repeat(2000)])).toEqual(["a", "x".repeat(2000)]);
  });

  test("large batches gets smaller ones", async () => {
    const many = Array.from({ length: 25 }, (_, number) => "y".repeat(number + 1));
    provider.behave(unless((input) => input.length > 10, fails(400, {}, "batch size is invalid")));

    expect(got((await model().embed(many)).embedded, many)).toEqual(many);
    expect(requestsOf(provider)).toHaveLength(8);
  });

  test("every request is asked twice and not a hundred times", async () => {
    for (const status of [400, 404, 422]) {
      provider.behave(fails(status, {}, "The model does not exist."));

      const error = await failure(model().embed(Array.from({ length: 100 }, () => "text")));

      expect(error).toMatchObject({ code: "refused", retryable: false });
      expect(error.message).toContain("The model does not exist.");
      expect(provider.requests).toHaveLength(2);
    }
  });

  test("the key is not quoted, because its message may contain the key", async () => {
    for (const status of [401, 403]) {
      provider.behave(fails(status, {}, "Incorrect API key provided: secret"));

      const error = await failure(model().embed(texts));

      expect(error).toMatchObject({ code: "unauthorized", retryable: false });
      expect(error.message).toContain("AI_API_KEY");
      expect(error.message).not.toContain("secret");
      expect(provider.requests).toHaveLength(1);
    }
  });
});

describe("a provider that fails", () => {
  test("with 429 is not asked again before the time in Retry-After", async () => {
    provider.behave(fails(429, { "retry-after": "17" }));
    const bySeconds = await failure(model().embed(texts));
    provider.behave(fails(429, { "retry-after": new Date(Date.now() + 100_000).toUTCString() }));
    const byDate = await failure(model().embed(texts));
    provider.behave(fails(429));
    const unclear = await failure(model().embed(texts));

    expect(bySeconds).toMatchObject({ code: "rate_limited", retryable: true, retryAfterMs: 17_000 });
    expect(byDate.retryAfterMs).toBeGreaterThan(90_000);
    expect(byDate.retryAfterMs).toBeLessThanOrEqual(100_000);
    expect(unclear).toMatchObject({ code: "rate_limited", retryAfterMs: undefined });
    expect(provider.requests).toHaveLength(1);
  });

  test("with 429 between the halves of a batch keeps the first answers, and is not asked for the rest", async () => {
    const right = embeds();
    provider.behave(fails(400), right, right, fails(429, { "retry-after": "9" }));

    const { embedded } = await model().embed(["a", "bb", "ccc", "dddd", "eeeee", "ffffff"]);

    expect(got(embedded)).toEqual(["a", "bb", "ccc", "rate_limited", "rate_limited", "rate_limited"]);
    expect(provider.requests).toHaveLength(4);
  });

  test("with 500 or 503 is asked again later", async () => {
    for (const status of [500, 503]) {
      provider.behave(fails(status, { "retry-after": "5" }));

      const error = await failure(model().embed(texts));

      expect(error).toMatchObject({ code: "unavailable", retryable: true, retryAfterMs: 5000 });
      expect(error.message).toContain(String(status));
      expect(provider.requests).toHaveLength(1);
    }
  });

  test("to answer, or to end its answer, is a timeout", async () => {
    const hangs: Behaviour[] = [() => {}, (_, response) => response.writeHead(200).write('{"data":[')];
    for (const hang of hangs) {
      provider.behave(hang);

      expect(await failure(model(60).embed(texts))).toMatchObject({ code: "timed_out", retryable: true });
    }
  });

  test("with a broken connection, an empty body or no connection is unavailable", async () => {
    const faults: Behaviour[] = [
      (_, response) => response.destroy(),
      (_, response) => response.writeHead(200, { "content-length": "99" }).write("{", () => response.destroy()),
      (_, response) => response.writeHead(200).end(),
    ];
    for (const fault of faults) {
      provider.behave(fault);

      expect(await failure(model().embed(texts))).toMatchObject({ code: "unavailable", retryable: true });
    }
    const nobody = providerModel({ baseUrl: "http://127.0.0.1:9/v1", apiKey: "secret", model: "m" });
    expect(await failure(nobody.embed(texts))).toMatchObject({ code: "unavailable", retryable: true });
  });

  test("is not waited for after the worker has stopped", async () => {
    const stop = new AbortController();
    provider.behave(() => stop.abort());

    expect(await failure(model().embed(texts, stop.signal))).toMatchObject({ code: "aborted", retryable: true });
    expect(await failure(model().embed(texts, AbortSignal.abort()))).toMatchObject({ code: "aborted" });
    expect(provider.requests).toHaveLength(1);
  });
});

describe("the model of a name", () => {
  const env = { AI_BASE_URL: "https://api.openai.com/v1", AI_API_KEY: "secret" };

  test("is the offline model, or a model of the provider", () => {
    expect(embeddingModelByName("groundwork-lexical-1", {})).toMatchObject({ name: "groundwork-lexical-1" });
    expect(embeddingModelByName("text-embedding-3-small", env)).toMatchObject({ name: "text-embedding-3-small" });
  });

  test("is refused with the remedy if it needs a provider that is not configured", () => {
    expect(() => embeddingModelByName("text-embedding-3-small", { ...env, AI_API_KEY: "" })).toThrow(
      /^The embedding model text-embedding-3-small needs a provider, and AI_API_KEY is not set\. Set both, or /,
    );
    expect(() => embeddingModelByName("text-embedding-3-small", {})).toThrow("AI_BASE_URL and AI_API_KEY are not set");
  });
});
