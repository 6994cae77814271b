/** npm run reembed on the embedded stack: from the offline model to a provider's model, and back. */
import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { type LocalBackend, type SignedUp, startLocal } from "#groundwork/local";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { embeddingQueueOverHttp } from "../../src/embeddings/embedding-queue-over-http.ts";
import type { EmbeddingModels, EmbeddingQueue } from "../../src/embeddings/embedding-queue.ts";
import { lexicalModel, lexicalModelName } from "../../src/embeddings/lexical-model.ts";
import { runEmbeddingWorker } from "../../src/embeddings/embedding-worker.ts";
import { connectEmbeddingQueue } from "../../src/node/reembed/connect-embedding-queue.ts";
import { readOptions } from "../../src/node/reembed/read-options.ts";
import { type Behaviour, type FakeProvider, fails } from "../agents/setup/fake-provider.ts";
import { until } from "../setup/until.ts";
import { embeds, fakeVector, requestsOf, startFakeEmbedder } from "../embeddings/setup/fake-embedder.ts";

const other = "text-embedding-3-small";

let backend: LocalBackend;
let queue: EmbeddingQueue & EmbeddingModels;
let user: SignedUp;
let provider: FakeProvider;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  backend = await startLocal({ wirePort: 0 });
  queue = embeddingQueueOverHttp(backend.adminClient());
  user = await backend.signUp();
  provider = await startFakeEmbedder();
});
afterAll(async () => {
  await provider[Symbol.asyncDispose]();
  await backend.close();
});
afterEach(async () => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
  await backend.database.run(`
    delete from public.thoughts;
    delete from public.personal_memories;
    delete from groundwork.embedding_models where name <> '${lexicalModelName}';
    update groundwork.embedding_models set state = 'active';
  `);
});

function reembed(options: string[], environment: Record<string, string> = {}) {
  const { SUPABASE_URL: _, SUPABASE_SECRET_KEY: __, DATABASE_URL: ___, AI_MODEL: ____, ...env } = process.env;
  const child = spawn(process.execPath, ["--liftoff-only", path.resolve("src/node/reembed.ts"), ...options], {
    env: {
      ...env,
      SUPABASE_URL: backend.url,
      SUPABASE_SECRET_KEY: backend.secretKey,
      AI_BASE_URL: provider.baseUrl,
      AI_API_KEY: "key",
      ...environment,
    },
  });
  running.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, ended, output: () => output };
}

const states = async () => Object.fromEntries((await queue.models()).map(({ name, state }) => [name, state]));
const embeddedBy = async (model: string) => (await queue.progress(model)).embedded;
const texts = () => requestsOf(provider).flatMap(({ input }) => input.filter((text) => text !== "Groundwork"));

describe("npm run reembed", () => {
  beforeEach(async () => {
    provider.behave(embeds());
    const thoughts = Array.from({ length: 30 }, (_, number) => ({ thought_text: `thought ${"x".repeat(number)}` }));
    await user.client.from("thoughts").insert(thoughts).throwOnError();
    await user.client.from("personal_memories").insert({ content: "Drinks tea", source: "test" }).throwOnError();
    await runEmbeddingWorker(queue, () => lexicalModel(), { workerId: "before" });
  });

  test.for(["SUPABASE_URL", "DATABASE_URL"])("moves everything to another model and back, with %s", async (way) => {
    const environment: Record<string, string> = way === "DATABASE_URL" ? { DATABASE_URL: backend.databaseUrl! } : {};
    const run = async (...options: string[]) => {
      const command = reembed(options, environment);
      return { code: await command.ended, output: command.output() };
    };

    const moved = await run("--model", other);
    expect(moved).toEqual({ code: 0, output: expect.stringContaining(`Searches use ${other} from now on.`) });
    expect(moved.output).toContain(`${other}: 31 of 31 texts\n`);
    expect(moved.output).toContain("npm run reembed -- --rollback");
    expect(await states()).toEqual({ [lexicalModelName]: "former", [other]: "active" });
    expect(texts()).toHaveLength(31);
    const { data: found } = await user.client
      .rpc("match_thoughts", { query_embedding: `[${fakeVector("thought xxx").join(",")}]`, match_count: 1 })
      .throwOnError();
    expect(found).toMatchObject([{ thought_text: "thought xxx" }]);

    const status = await run("--status");
    expect(status.output.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["MODEL", "STATE", "EMBEDDED", "WAITING", "GIVEN UP"],
      [lexicalModelName, "former", "31", "0", "0"],
      [other, "active", "31", "0", "0"],
      [""],
    ]);

    const back = await run("--rollback");
    expect(back).toEqual({ code: 0, output: `Searches use ${lexicalModelName} again.\n` });
    expect(await states()).toEqual({ [lexicalModelName]: "active", [other]: "former" });

    const dropped = await run("--model", other, "--drop");
    expect(dropped).toEqual({ code: 0, output: `${other} is dropped, with 31 vectors.\n` });
    expect(await states()).toEqual({ [lexicalModelName]: "active" });
  });

  test("writes nothing when the model has another width, and says what to do", async () => {
    provider.behave(
      embeds(({ data }) => ({ data: data.map((each) => ({ ...each, embedding: fakeVector("a", 1024) })) })),
    );

    const command = reembed(["--model", "mxbai-embed-large"]);

    expect(await command.ended).toBe(1);
    expect(command.output()).toContain("mxbai-embed-large can't be used: The model's vectors have 1024 numbers;");
    expect(command.output()).toContain("`dimensions: 1536`, such as text-embedding-3-small");
    expect(await states()).toEqual({ [lexicalModelName]: "active" });
    expect(provider.requests).toHaveLength(1);
  });

  test("writes nothing for a model without a price, and says how to set one", async () => {
    provider.behave(embeds());

    const command = reembed(["--model", "nomic-embed-text"]);

    expect(await command.ended).toBe(1);
    expect(command.output()).toContain("nomic-embed-text has no price.");
    expect(command.output()).toContain("select public.set_model_price('nomic-embed-text', 'embedding', 0.02);");
    expect(await states()).toEqual({ [lexicalModelName]: "active" });
  });

  test("ends even if texts wait because the monthly limit of their user is reached", async () => {
    expect(await reembed(["--model", other]).ended).toBe(0);
    const poor = await backend.signUp();
    await backend
      .adminClient()
      .from("user_spend_limits")
      .insert({ user_id: poor.user.id, monthly_limit: 0 })
      .throwOnError();
    await poor.client.from("thoughts").insert({ thought_text: "waits" }).throwOnError();

    expect(await reembed(["--model", other]).ended).toBe(0);

    expect(await queue.progress(other)).toMatchObject({ pending: 1, failed: 0, unpaid: 1 });
  });

  test("fills without switching when it is told to, and switches later without embedding a text again", async () => {
    const filled = reembed(["--model", other, "--no-switch"]);
    expect(await filled.ended).toBe(0);
    expect(filled.output()).toContain(`npm run reembed -- --model ${other} switches to it.`);
    expect(await states()).toEqual({ [lexicalModelName]: "active", [other]: "filling" });
    provider.behave(embeds());

    expect(await reembed(["--model", other, "--switch"]).ended).toBe(0);

    expect(await states()).toEqual({ [lexicalModelName]: "former", [other]: "active" });
    expect(texts()).toEqual([]);
  });

  test.for(["SIGKILL", "SIGTERM"] as const)("continues after %s", async (signal) => {
    let batches = 0;
    const half: Behaviour = (request, response) => {
      if (requestsOf(provider).at(-1)!.input[0] === "Groundwork" || (batches += 1) <= 3) embeds()(request, response);
    };
    provider.behave(half);
    const first = reembed(["--model", other, "--batch", "5"]);
    await until("others are asked for", () => batches > 3);
    await until("three batches are stored", async () => (await embeddedBy(other)) === 15);
    first.child.kill(signal);
    expect(await first.ended).toBe(signal === "SIGTERM" ? 0 : null);
    expect(await states()).toEqual({ [lexicalModelName]: "active", [other]: "filling" });
    if (signal === "SIGTERM") expect(first.output()).toContain("the same command continues");
    // The leases of the killed process expire.
    else await backend.database.run("update groundwork.embedding_queue set due_at = now()");
    provider.behave(embeds());

    const second = reembed(["--model", other]);

    expect(await second.ended).toBe(0);
    expect(await states()).toEqual({ [lexicalModelName]: "former", [other]: "active" });
    expect(await embeddedBy(other)).toBe(31);
    expect(texts()).toHaveLength(16);
  });

  test("new texts are embedded by both models, before and after the switch", async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    let isHeld = false;
    provider.behave((request, response) => {
      if (requestsOf(provider).at(-1)!.input[0] === "Groundwork") return embeds()(request, response);
      isHeld = true;
      void released.then(() => embeds()(request, response));
    });
    const command = reembed(["--model", other, "--batch", "10"]);
    await until("it embeds", () => isHeld);
    await user.client.from("thoughts").insert({ thought_text: "written meanwhile" }).throwOnError();
    const [changed] = (
      await user.client
        .from("thoughts")
        .update({ thought_text: "changed meanwhile" })
        .eq("thought_text", "thought x")
        .select("id")
        .throwOnError()
    ).data;
    release();

    expect(await command.ended).toBe(0);
    await user.client.from("thoughts").insert({ thought_text: "written after the switch" }).throwOnError();
    await runEmbeddingWorker(queue, (name) => ({ ...lexicalModel(), name }), { workerId: "cron" });

    expect(await states()).toEqual({ [lexicalModelName]: "former", [other]: "active" });
    expect(await embeddedBy(other)).toBe(33);
    expect(await embeddedBy(lexicalModelName)).toBe(33);
    const [vector] = await backend.database.query<{ isNew: boolean }>(
      `select kept.content_hash = encode(sha256('changed meanwhile'), 'hex') as "isNew"
      from public.thought_embeddings as kept where thought_id = $1 and model_used = $2`,
      [changed!.id, other],
    );
    expect(vector).toEqual({ isNew: true });
  });

  test("waits for a provider that asks to wait", async () => {
    const right = embeds();
    provider.behave(right, fails(429, { "retry-after": "1" }), right);

    const command = reembed(["--model", other]);

    expect(await command.ended).toBe(0);
    expect(await embeddedBy(other)).toBe(31);
  });

  test("ends with 1 and the reason if the key is refused during the work, and loses nothing", async () => {
    const right = embeds();
    provider.behave(right, right, fails(401));

    const command = reembed(["--model", other, "--batch", "10"]);

    expect(await command.ended).toBe(1);
    expect(command.output()).toContain("see AI_API_KEY");
    expect(await embeddedBy(other)).toBe(10);
    expect(await queue.progress(other)).toMatchObject({ pending: 21, failed: 0 });
    expect(await states()).toMatchObject({ [lexicalModelName]: "active" });
  });

  test("does not switch while a text has no embedding, unless it is forced to", async () => {
    const refuse = fails(400, {}, "not this one");
    provider.behave((request, response) =>
      (requestsOf(provider).at(-1)!.input.includes("Drinks tea") ? refuse : embeds())(request, response),
    );

    const careful = reembed(["--model", other]);
    expect(await careful.ended).toBe(1);
    expect(careful.output()).toMatch(/memory \(\d+ in the queue\): .*not this one \(refused\)/);
    expect(careful.output()).toContain(`1 text has no vector, so ${lexicalModelName} is still active.`);
    expect(await states()).toMatchObject({ [lexicalModelName]: "active" });

    const forced = reembed(["--model", other, "--force"]);
    expect(await forced.ended).toBe(0);
    expect(await states()).toMatchObject({ [other]: "active" });
  });
});

describe("npm run reembed refuses", () => {
  test.for([
    ["no model", [], "Name the model: --model <name>."],
    ["to drop no model", ["--drop"], "Name the model: --model <name>."],
    ["two tasks at once", ["--status", "--rollback"], "--status and --rollback cannot be used together."],
    ["an unknown option", ["--colour"], "npm run reembed -- --model <name>"],
    [
      "too large a batch",
      ["--model", other, "--batch", "1000"],
      "--batch 1000: it takes a whole number from 1 to 100.",
    ],
  ] as const)("%s, with the help", ([, options, message]) => {
    expect(() => readOptions([...options])).toThrow(message);
  });

  test.for([
    ["no database", undefined, undefined, {}, "There is no database. Set DATABASE_URL"],
    ["a URL that is none", "postgresql://[nowhere", undefined, {}, "--url is not a URL"],
    ["another URL that is none", undefined, undefined, { DATABASE_URL: "postgres" }, "DATABASE_URL is not a URL"],
    ["an API that is none", "nowhere", "key", {}, "nowhere is not a URL"],
    ["an API without a key", "http://127.0.0.1:9", undefined, {}, "Set --key or"],
  ] as const)("%s", ([, url, key, env, message]) => {
    expect(() => connectEmbeddingQueue({ url, key }, env)).toThrow(message);
  });

  test.for([
    ["a model without a key of its provider", ["--model", other], { AI_API_KEY: "" }, "AI_API_KEY is not set"],
    ["a database that is away", ["--status", "--url", "postgresql://a@127.0.0.1:9/b"], {}, "can't be reached"],
    ["the wrong key", ["--status", "--key", "sb_secret_wrong"], {}, "The database refused"],
    ["to go back to nothing", ["--rollback"], {}, "No model was active before"],
    [
      "to drop the active model",
      ["--model", lexicalModelName, "--drop"],
      {},
      `${lexicalModelName} is the active model.`,
    ],
    ["to drop what is not there", ["--model", "nameless", "--drop"], {}, "There is no model nameless."],
  ] as const)("%s, ends with 1 and says what to do", async ([, options, environment, message]) => {
    const command = reembed([...options], environment);

    expect(await command.ended).toBe(1);
    expect(command.output()).toContain(message);
    expect(command.output()).not.toContain("    at ");
    expect(await states()).toEqual({ [lexicalModelName]: "active" });
  });
});
