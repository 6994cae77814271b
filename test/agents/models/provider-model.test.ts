import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type AgentError,
  type JobEffects,
  modelFromEnvironment,
  providerModel,
  runJob,
} from "../../../src/agents/index.ts";
import { answers, completion, fails, type FakeProvider, startFakeProvider } from "../setup/fake-provider.ts";
import { blogPost, gpt, job, ledgerCost, offline } from "../setup/jobs.ts";

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startFakeProvider();
});
afterAll(() => provider[Symbol.asyncDispose]());

const post = job("seo_writer", { topic: "Growing tomatoes", length: 100 });
const maxUsage = { input: expect.any(Number), output: 4400 };

function effects({ timeoutMs = 2000, ...more }: Partial<JobEffects> & { timeoutMs?: number } = {}): JobEffects {
  const model = providerModel({ baseUrl: provider.baseUrl, apiKey: "secret", model: "gpt-4.1", timeoutMs });
  return { ...offline(), model, prices: async () => gpt, ...more };
}

const failure = (run: Promise<unknown>): Promise<AgentError> =>
  run.then(
    () => expect.unreachable("it should have failed"),
    (error: AgentError) => error,
  );

const quantities = (usage: AgentError["usage"]) =>
  Object.fromEntries(usage.map(({ kind, quantity }) => [kind, quantity]));

describe("a provider that answers", () => {
  test("is asked once, with the key, the schema, the limit of tokens, and no tools", async () => {
    provider.behave(answers(blogPost()));

    const { output_data, assets } = await runJob(post, effects());

    expect(output_data).toMatchObject({ prompt_version: "seo_writer/1", model_used: "gpt-4.1", word_count: 111 });
    expect(assets).toHaveLength(1);
    expect(provider.requests).toHaveLength(1);
    const [{ path, authorization, body }] = provider.requests as [(typeof provider.requests)[0]];
    expect(path).toBe("/v1/chat/completions");
    expect(authorization).toBe("Bearer secret");
    expect(body).toMatchObject({ model: "gpt-4.1", max_tokens: 4400 });
    expect(body.tools).toBeUndefined();
    expect(body.messages.map(({ role }) => role)).toEqual(["system", "user"]);
    const { type, json_schema } = body.response_format;
    expect(type).toBe("json_schema");
    expect(json_schema.strict).toBe(true);
    expect(json_schema.schema).toMatchObject({
      required: ["title", "meta_description", "keywords", "content"],
      additionalProperties: false,
    });
    expect(JSON.stringify(json_schema.schema)).not.toMatch(/minLength|maxLength|pattern|allOf/);
  });

  test("bills each token once: input without cached tokens, output without reasoning", async () => {
    const usage = {
      prompt_tokens: 1000,
      completion_tokens: 700,
      prompt_tokens_details: { cached_tokens: 300 },
      completion_tokens_details: { reasoning_tokens: 200 },
    };
    provider.behave(answers(blogPost(), { usage, id: "chatcmpl-x" }));

    const outcome = await runJob(post, effects());

    const request = { model: "gpt-4.1", request_id: "chatcmpl-x" };
    expect(outcome.usage).toEqual([
      { ...request, kind: "input", quantity: 700 },
      { ...request, kind: "cached_input", quantity: 300 },
      { ...request, kind: "output", quantity: 500 },
      { ...request, kind: "reasoning", quantity: 200 },
    ]);
  });

  test("bills the worst case if it does not report its usage", async () => {
    for (const usage of [null, {}, { prompt_tokens: 0, completion_tokens: 0 }]) {
      provider.behave(answers(blogPost(), { usage }));

      const outcome = await runJob(post, effects());

      expect(quantities(outcome.usage)).toEqual(maxUsage);
      expect(quantities(outcome.usage).input).toBeGreaterThan(2000);
    }
  });

  test("without an id, or with an id too long for the ledger, gets a generated one", async () => {
    for (const id of ["", "x".repeat(201)]) {
      provider.behave(answers(blogPost(), { id }));

      const { usage } = await runJob(post, effects({ newId: () => "made-up" }));

      expect(new Set(usage.map(({ request_id }) => request_id))).toEqual(new Set(["made-up"]));
    }
  });

  test("at OpenAI is limited by max_completion_tokens, which its newer models require", async () => {
    provider.behave(answers(blogPost()));
    const toLoopback: typeof fetch = (_, init) => fetch(`${provider.baseUrl}/chat/completions`, init);
    const options = { baseUrl: "https://api.openai.com/v1", apiKey: "secret", model: "gpt-5", fetch: toLoopback };

    await runJob(post, effects({ model: providerModel(options) }));

    expect(provider.requests[0]!.body).toMatchObject({ max_completion_tokens: 4400 });
    expect(provider.requests[0]!.body).not.toHaveProperty("max_tokens");
  });
});

describe("a provider that fails", () => {
  test("with 429 is not asked again before the time in Retry-After, which is in seconds or a date", async () => {
    provider.behave(fails(429, { "retry-after": "17" }));
    const bySeconds = await failure(runJob(post, effects()));
    provider.behave(fails(429, { "retry-after": new Date(Date.now() + 100_000).toUTCString() }));
    const byDate = await failure(runJob(post, effects()));
    provider.behave(fails(429, { "retry-after": "soon" }));
    const unclear = await failure(runJob(post, effects()));

    expect(bySeconds).toMatchObject({ code: "rate_limited", retryable: true, retryAfterSeconds: 17, usage: [] });
    expect(byDate.retryAfterSeconds).toBeGreaterThan(90);
    expect(byDate.retryAfterSeconds).toBeLessThanOrEqual(100);
    expect(unclear).toMatchObject({ code: "rate_limited", retryAfterSeconds: undefined });
    expect(provider.requests).toHaveLength(1);
  });

  test("with 500 or 503 is asked again later by the queue, and costs nothing", async () => {
    for (const status of [500, 503]) {
      provider.behave(fails(status, { "retry-after": "5" }));

      const error = await failure(runJob(post, effects()));

      expect(error).toMatchObject({ code: "provider_unavailable", retryable: true, retryAfterSeconds: 5, usage: [] });
      expect(error.message).toContain(String(status));
      expect(provider.requests).toHaveLength(1);
    }
  });

  test("with 400 or 404 has refused for good, and the reason is passed on", async () => {
    for (const status of [400, 404]) {
      provider.behave(fails(status, {}, "The model does not exist."));

      const error = await failure(runJob(post, effects()));

      expect(error).toMatchObject({ code: "refused", retryable: false, usage: [] });
      expect(error.message).toContain("The model does not exist.");
    }
  });

  test("with 401 or 403 is not quoted, because its message may contain the key", async () => {
    for (const status of [401, 403]) {
      provider.behave(fails(status, {}, "Incorrect API key provided: secret"));

      const error = await failure(runJob(post, effects()));

      expect(error).toMatchObject({ code: "refused", retryable: false, usage: [] });
      expect(error.message).toContain("AI_API_KEY");
      expect(error.message).not.toContain("secret");
    }
  });

  test("to answer in time is a timeout, and the worst case is billed", async () => {
    provider.behave(() => {});

    const error = await failure(runJob(post, effects({ timeoutMs: 60 })));

    expect(error).toMatchObject({ code: "timed_out", retryable: true });
    expect(quantities(error.usage)).toEqual(maxUsage);
  });

  test("in the middle of its answer is a timeout too", async () => {
    provider.behave((_, response) => response.writeHead(200).write(completion(blogPost()).slice(0, 50)));

    const error = await failure(runJob(post, effects({ timeoutMs: 60 })));

    expect(error).toMatchObject({ code: "timed_out", retryable: true });
  });

  test("with a body that ends early or is not an answer is asked again later, and the worst case is billed", async () => {
    const whole = completion(blogPost());
    const bodies = [whole.slice(0, 200), "<html>Bad gateway</html>", "", "null", `{"choices":[]}`, `{"error":{}}`];
    for (const body of bodies) {
      provider.behave((_, response) => response.writeHead(200, { "content-type": "application/json" }).end(body));

      const error = await failure(runJob(post, effects()));

      expect(error).toMatchObject({ code: "provider_unavailable", retryable: true });
      expect(quantities(error.usage)).toEqual(maxUsage);
    }
  });

  test("bills the worst case if the connection breaks in the body, and nothing if it breaks before", async () => {
    provider.behave((_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "9999" });
      response.write(`{"id":`, () => response.destroy());
    });
    const inside = await failure(runJob(post, effects()));
    provider.behave((_, response) => response.destroy());
    const before = await failure(runJob(post, effects()));

    expect(inside).toMatchObject({ code: "provider_unavailable", retryable: true });
    expect(quantities(inside.usage)).toEqual(maxUsage);
    expect(before).toMatchObject({ code: "provider_unavailable", retryable: true, usage: [] });
  });

  test("to accept a connection costs nothing", async () => {
    const model = providerModel({ baseUrl: "http://127.0.0.1:9/v1", apiKey: "secret", model: "gpt-4.1" });

    const error = await failure(runJob(post, effects({ model })));

    expect(error).toMatchObject({ code: "provider_unavailable", retryable: true, usage: [] });
  });

  test("with an answer that is cut off at the limit of tokens is billed", async () => {
    for (const content of [JSON.stringify(blogPost()).slice(0, 99), ""]) {
      provider.behave(answers(content, { finish_reason: "length" }));

      const error = await failure(runJob(post, effects()));

      expect(error).toMatchObject({ code: "truncated", retryable: false });
      expect(error.message).toContain("max_cost");
      expect(quantities(error.usage)).toEqual({ input: 100, output: 50 });
    }
  });

  test("by declining to answer is billed, and its words are passed on", async () => {
    const refusals = [answers(null, { refusal: "I cannot help." }), answers("", { finish_reason: "content_filter" })];
    for (const refusal of refusals) {
      provider.behave(refusal);

      const error = await failure(runJob(post, effects()));

      expect(error).toMatchObject({ code: "refused", retryable: false });
      expect(quantities(error.usage)).toEqual({ input: 100, output: 50 });
    }
  });
});

describe("a worker that stops", () => {
  test("aborts the request, and the worst case is billed", async () => {
    const stop = new AbortController();
    provider.behave(() => stop.abort(new Error("shutting down")));

    const error = await failure(runJob(post, effects({ signal: stop.signal })));

    expect(error).toMatchObject({ code: "aborted", retryable: true });
    expect(quantities(error.usage)).toEqual(maxUsage);
  });

  test("asks no more questions", async () => {
    provider.behave(answers(blogPost()));

    const error = await failure(runJob(post, effects({ signal: AbortSignal.abort() })));

    expect(error).toMatchObject({ code: "aborted", retryable: true, usage: [] });
    expect(provider.requests).toHaveLength(0);
  });
});

describe("an answer with problems", () => {
  test("is requested once more, with its problems, and both requests are billed", async () => {
    provider.behave(answers(blogPost({ meta_description: "short" })), answers(blogPost()));

    const { assets, usage } = await runJob(post, effects());

    expect(assets).toHaveLength(1);
    expect(usage).toHaveLength(4);
    expect(new Set(usage.map(({ request_id }) => request_id)).size).toBe(2);
    const [first, second] = provider.requests.map(({ body }) => body.messages[1]!.content);
    expect(first).not.toContain("problems");
    expect(second).toMatch(/"problems":\["meta_description: [^"]+50/);
  });

  test("fails the job the second time, with the reason and the usage of both", async () => {
    provider.behave(answers("not JSON"), answers(blogPost({ keywords: [] })));

    const error = await failure(runJob(post, effects()));

    expect(error).toMatchObject({ code: "invalid_answer", retryable: false });
    expect(error.message).toContain("keywords: ");
    expect(error.usage).toHaveLength(4);
    expect(provider.requests).toHaveLength(2);
    expect(provider.requests[1]!.body.messages[1]!.content).toContain("no JSON");
  });

  test("is billed also if the second request fails in another way", async () => {
    provider.behave(answers("not JSON"), fails(503));

    const error = await failure(runJob(post, effects()));

    expect(error).toMatchObject({ code: "provider_unavailable", retryable: true });
    expect(quantities(error.usage)).toEqual({ input: 100, output: 50 });
  });
});

describe("max_cost", () => {
  /** Uses every token that is allowed: one for each byte of input, and all of the output. */
  const greedy = (content: unknown) =>
    ((request, response) => {
      const { messages, response_format, max_tokens } = request.body;
      const text = messages.map((message) => message.content).join("") + JSON.stringify(response_format);
      const usage = {
        prompt_tokens: new TextEncoder().encode(text).length,
        completion_tokens: max_tokens,
        completion_tokens_details: { reasoning_tokens: Math.floor(max_tokens! / 3) },
      };
      answers(content, { usage })(request, response);
    }) satisfies Parameters<FakeProvider["behave"]>[0];

  test("is never exceeded, even if the provider uses everything it may and is asked twice", async () => {
    for (const max_cost of [0.014, 0.02, 0.033333, 0.05, 0.1]) {
      provider.behave(greedy("not JSON"));

      const error = await failure(runJob({ ...post, max_cost }, effects()));

      expect(error.code).toBe("invalid_answer");
      const cost = ledgerCost(error.usage, gpt);
      expect(cost).toBeGreaterThan(0.01);
      expect(cost).toBeLessThanOrEqual(max_cost);
    }
    expect(provider.requests).toHaveLength(2);
  });

  test("that a first answer has used up does not allow a second question", async () => {
    provider.behave(greedy("not JSON"));

    const error = await failure(runJob({ ...post, max_cost: 0.014 }, effects()));

    expect(provider.requests).toHaveLength(1);
    expect(error.message).toMatch(/no JSON.*max_cost leaves too little to ask again/);
  });

  test("too small for a useful answer asks no question, and names the amount that is needed", async () => {
    provider.behave(answers(blogPost()));

    const error = await failure(runJob({ ...post, max_cost: 0.001 }, effects()));

    expect(error).toMatchObject({ code: "over_max_cost", retryable: false, usage: [] });
    expect(provider.requests).toHaveLength(0);
    const enough = Number(/max_cost to at least ([\d.]+)\.$/.exec(error.message)![1]);
    await expect(runJob({ ...post, max_cost: enough }, effects())).resolves.toMatchObject({ assets: [{}] });
    expect((await failure(runJob({ ...post, max_cost: enough - 1e-6 }, effects()))).code).toBe("over_max_cost");
  });

  test("is no limit if tokens are free", async () => {
    provider.behave(answers(blogPost()));
    const prices = async () => ({ input: 0, cached_input: 0, output: 0, reasoning: 0 });

    await runJob({ ...post, max_cost: 0 }, effects({ prices }));

    expect(provider.requests[0]!.body.max_tokens).toBe(4400);
  });

  test("needs prices: an unknown model, or one without all its prices, is not asked", async () => {
    provider.behave(answers(blogPost()));
    for (const listed of [null, {}, { input: 1e-6, cached_input: 1e-6, output: 1e-6 }, { ...gpt, output: NaN }]) {
      const error = await failure(runJob(post, effects({ prices: async () => listed })));

      expect(error).toMatchObject({ code: "unknown_price", retryable: false, usage: [] });
      expect(error.message).toContain("gpt-4.1");
    }
    expect(provider.requests).toHaveLength(0);
  });
});

describe("the environment", () => {
  const all = { AI_BASE_URL: "http://127.0.0.1:9/v1", AI_API_KEY: "secret", AI_MODEL: "gpt-4.1" };

  test("names the provider's model, or the offline model if nothing is set", () => {
    expect(modelFromEnvironment(all).name).toBe("gpt-4.1");
    expect(modelFromEnvironment({}).name).toBe("offline");
    expect(modelFromEnvironment({ AI_BASE_URL: "", AI_API_KEY: "", AI_MODEL: "" }).name).toBe("offline");
  });

  test("without one of the variables is refused, and the variable is named", () => {
    expect(() => modelFromEnvironment({ ...all, AI_API_KEY: undefined })).toThrow(/^AI_API_KEY not set/);
    expect(() => modelFromEnvironment({ AI_MODEL: "gpt-4.1" })).toThrow(/^AI_BASE_URL and AI_API_KEY not set/);
  });
});
