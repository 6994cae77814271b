import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { startJobBackend } from "../jobs/setup/job-backend.ts";
import { until } from "../setup/until.ts";

const { backend, enqueue, job, clear } = await startJobBackend({ wirePort: 0 });
afterAll(() => backend.close());
afterEach(() => clear());

describe("npm run worker", () => {
  const running = new Set<ChildProcess>();
  afterEach(() => {
    for (const child of running) child.kill("SIGKILL");
    running.clear();
  });

  function runWorker(options: string[], environment: Record<string, string>) {
    const { SUPABASE_URL: _, SUPABASE_SECRET_KEY: __, DATABASE_URL: ___, ...env } = process.env;
    const child = spawn(process.execPath, ["--liftoff-only", path.resolve("src/node/worker.ts"), ...options], {
      env: { ...env, ...environment },
    });
    running.add(child);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    return { child, ended, output: () => output };
  }

  const http = () => ({ SUPABASE_URL: backend.url, SUPABASE_SECRET_KEY: backend.secretKey });

  test.for(["DATABASE_URL", "SUPABASE_URL"])("--once runs until the queue is empty, with %s", async (name) => {
    const [good, bad] = [await enqueue(), await enqueue({ input_data: { topic: "Bees", length: 1 } })];
    const environment = name === "DATABASE_URL" ? { DATABASE_URL: backend.databaseUrl! } : http();

    const worker = runWorker(["--once"], environment);

    expect(await worker.ended).toBe(0);
    expect((await job(good)).status).toBe("completed");
    expect(worker.output()).toMatch(new RegExp(`[\\d:]{8} seo_writer ${good} completed, \\d+ tokens\n`));
    expect(worker.output()).toMatch(new RegExp(`[\\d:]{8} seo_writer ${bad} failed, 0 tokens: input_data: length`));
    expect(worker.output()).toContain("1 completed, 1 failed, 0 released, 0 refused.");
  });

  test.for(["DATABASE_URL", "SUPABASE_URL"])("waits for jobs, and ends after a signal, with %s", async (name) => {
    const worker = runWorker([], name === "DATABASE_URL" ? { DATABASE_URL: backend.databaseUrl! } : http());
    await until("it works", () => worker.output().includes("Working on agent jobs"));

    const id = await enqueue();
    await until("the job is done", async () => (await job(id)).status === "completed");
    worker.child.kill("SIGTERM");

    expect(await worker.ended).toBe(0);
    expect(worker.output()).toContain("1 completed, 0 failed, 0 released, 0 refused.");
  });

  test.for([
    ["no queue", [], {}, "Set DATABASE_URL"],
    ["a URL that is none", [], { DATABASE_URL: "nowhere" }, "DATABASE_URL is not a URL"],
    ["a database that is not there", [], { DATABASE_URL: "postgresql://a@127.0.0.1:9/b" }, "Check DATABASE_URL"],
    ["half a model", [], { AI_MODEL: "gpt-5" }, "AI_BASE_URL and AI_API_KEY not set"],
    ["an unknown option", ["--colour"], {}, "npm run worker [-- options]"],
    ["an unknown agent type", ["--types", "poet"], {}, "--types poet: the agent types are analyst,"],
    ["too much at once", ["--concurrency", "0"], {}, "--concurrency 0: it takes a whole number from 1 to 1000."],
  ] as const)("ends with 1 and the remedy for %s", async ([, options, environment, message]) => {
    const worker = runWorker([...options], environment);

    expect(await worker.ended).toBe(1);
    expect(worker.output()).toContain(message);
    expect(worker.output()).not.toContain("    at ");
  });

  test("does not start with a model that has no price", async () => {
    const model = { AI_BASE_URL: "http://127.0.0.1:9/v1", AI_API_KEY: "key", AI_MODEL: "nameless-1" };
    const id = await enqueue();

    const worker = runWorker(["--once"], { ...http(), ...model });

    expect(await worker.ended).toBe(1);
    expect(worker.output()).toContain("The model nameless-1 has no price for input: add one with set_model_price().");
    expect((await job(id)).status).toBe("pending");
  });
});
