/** The worker on the real queue: in the Edge Function, over HTTP, over Postgres, and called by the scheduler of the embedded stack. */
import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { createClient } from "#groundwork";
import { type LocalBackend, type SignedUp, startLocal } from "#groundwork/local";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { AgentError, type AgentType, type JobOutcome, offlineModel, type Usage } from "../../src/agents/index.ts";
import { jobQueueOverHttp } from "../../src/jobs/job-queue-over-http.ts";
import type { Exchange, JobQueue } from "../../src/jobs/job-queue.ts";
import { QueueError } from "../../src/shared/queue-error.ts";
import { jobRunner } from "../../src/agents/runtime/job-runner.ts";
import { type JobRunner, type JobWorkerOptions, runJobWorker } from "../../src/jobs/job-worker.ts";
import { type ScheduledTask, startScheduler } from "../../src/local/scheduler.ts";
import { jobQueueOverPostgres } from "../../src/node/postgres/job-queue-over-postgres.ts";
import { openConnection } from "../../src/node/postgres/open-connection.ts";
import { until } from "../setup/until.ts";

let backend: LocalBackend;
let queue: JobQueue;
let user: SignedUp;
beforeAll(async () => {
  backend = await startLocal({ wirePort: 0 });
  queue = jobQueueOverHttp(backend.adminClient());
  user = await backend.signUp();
});
afterAll(() => backend.close());
afterEach(async () => {
  for (const table of ["content_assets", "budget_entries", "agent_jobs", "campaigns"]) {
    await backend.database.run(`delete from public.${table}`);
  }
});

const enqueue = async (
  args: { campaign_id?: string; max_cost?: number; input_data?: { [key: string]: unknown } } = {},
) => {
  const { data } = await user.client
    .rpc("enqueue_agent_job", { agent_type: "seo_writer", input_data: { topic: "Bees" }, ...args } as never)
    .throwOnError();
  return (data as { id: string }).id;
};

const jobs = async () =>
  (await user.client.from("agent_jobs").select().order("created_at").order("id").throwOnError()).data;
const job = async (id: string) => (await jobs()).find((own) => own.id === id)!;
const ledger = async () => (await user.client.from("budget_entries").select().throwOnError()).data;

const done: JobOutcome = { output_data: { done: true }, assets: [], usage: [] };
const used = (changes: Partial<Usage> = {}): Usage => ({
  model: "gpt-4o-mini",
  kind: "output",
  quantity: 1_000_000,
  request_id: crypto.randomUUID(),
  ...changes,
});

const workOn = (run: JobRunner, options: Partial<JobWorkerOptions> = {}, on = queue) =>
  runJobWorker(on, run, { workerId: crypto.randomUUID(), ...options });

/** Settles when the signal aborts, as a request to a model does. */
const untilAborted = (signal: AbortSignal, usage: Usage[] = []) =>
  new Promise<never>((_, reject) => {
    const end = () => reject(new AgentError("aborted", "The worker stopped.", { usage }));
    if (signal.aborted) end();
    signal.addEventListener("abort", end);
  });

describe("the Edge Function run-agent-jobs", () => {
  const call = (headers: Record<string, string>, body?: object) =>
    fetch(`${backend.url}/functions/v1/run-agent-jobs`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });

  test("runs a user's job: what it made waits for their review, and is theirs alone", async () => {
    const id = await enqueue({ input_data: { topic: "Beekeeping in a city", keywords: ["bees"] } });

    const response = await call({ apikey: backend.secretKey });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ data: { completed: 1, failed: 0, released: 0, refused: 0 } });
    expect(await job(id)).toMatchObject({ status: "completed", cost: 0, retry_count: 0 });
    expect((await job(id)).tokens_used).toBeGreaterThan(0);
    const { data: assets } = await user.client.from("content_assets").select().throwOnError();
    expect(assets).toMatchObject([{ agent_job_id: id, status: "review", content_type: "blog" }]);
    const stranger = await backend.signUp();
    expect((await stranger.client.from("content_assets").select().throwOnError()).data).toEqual([]);
    expect((await stranger.client.from("agent_jobs").select().throwOnError()).data).toEqual([]);
  });

  test("an empty queue is no fault", async () => {
    const response = await call({ apikey: backend.secretKey }, { batch_size: 10, max_seconds: 5 });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ data: { completed: 0, failed: 0, released: 0, refused: 0 } });
  });

  test("is refused to everyone without the secret key, and a preflight is answered", async () => {
    const id = await enqueue();
    const keys: Record<string, string>[] = [
      {},
      { apikey: backend.publishableKey },
      { apikey: backend.publishableKey, authorization: `Bearer ${user.session.access_token}` },
      { authorization: `Bearer ${backend.secretKey}` },
    ];

    for (const headers of keys) expect((await call(headers)).status).toBe(401);

    expect((await job(id)).status).toBe("pending");
    const preflight = await fetch(`${backend.url}/functions/v1/run-agent-jobs`, {
      method: "OPTIONS",
      headers: { origin: "http://localhost:3000" },
    });
    expect(preflight.ok).toBe(true);
  });

  test("a job with an input that its agent can't use fails with the reason, and is not tried again", async () => {
    const id = await enqueue({ input_data: { topic: "Bees", length: 5 } });

    const response = await call({ apikey: backend.secretKey });

    expect(await response.json()).toEqual({ data: { completed: 0, failed: 1, released: 0, refused: 0 } });
    expect(await job(id)).toMatchObject({
      status: "failed",
      error_code: "invalid_input",
      error_message: expect.stringContaining("length"),
    });
  });
});

describe("work", () => {
  test("runs no more at once than it may, and sends results along with the next claim", async () => {
    for (let n = 0; n < 12; n += 1) await enqueue();
    const requests: Exchange[] = [];
    const spied: JobQueue = { ...queue, exchange: (request) => (requests.push(request), queue.exchange(request)) };
    let running = 0;
    let maxAtOnce = 0;

    const summary = await workOn(
      async () => {
        maxAtOnce = Math.max(maxAtOnce, (running += 1));
        await new Promise(setImmediate);
        running -= 1;
        return done;
      },
      { concurrency: 3 },
      spied,
    );

    expect(summary).toEqual({ completed: 12, failed: 0, released: 0, refused: 0 });
    expect(maxAtOnce).toBe(3);
    expect(requests.filter(({ results, batchSize }) => results.length > 0 && batchSize > 0).length).toBeGreaterThan(3);
    expect((await jobs()).every(({ status }) => status === "completed")).toBe(true);
  });

  test("does batches with several calls under way, each job once", async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, () => enqueue({ max_cost: 0 })));
    const ran: string[] = [];

    const summary = await workOn(async ({ id }) => (ran.push(id), done), {
      batchSize: 7,
      exchanges: 3,
      concurrency: 4,
    });

    expect(summary.completed).toBe(40);
    expect(ran.toSorted()).toEqual(ids.toSorted());
  });

  test("takes on jobs that come while others still run", async () => {
    await enqueue();
    let ran = 0;

    const summary = await workOn(async () => {
      ran += 1;
      if (ran === 1) {
        await enqueue();
        await until("the other runs", () => ran === 2);
      }
      return done;
    });

    expect(summary.completed).toBe(2);
  });

  test("goes on when all that it looked at has no money, and says so to their owner", async () => {
    const { data: campaign } = await user.client
      .from("campaigns")
      .insert({ name: "Broke", budget: 0, start_date: new Date().toISOString() })
      .select("id")
      .single()
      .throwOnError();
    const poor = [await enqueue({ campaign_id: campaign.id }), await enqueue({ campaign_id: campaign.id })];
    const rich = await enqueue();

    const summary = await workOn(async () => done, { concurrency: 1 });

    expect(summary.completed).toBe(1);
    expect((await job(rich)).status).toBe("completed");
    for (const id of poor) expect(await job(id)).toMatchObject({ status: "pending", waiting_for: "campaign_budget" });
  });

  test("jobs that waited for the money of another run as soon as it is given back", async () => {
    const { data: campaign } = await user.client
      .from("campaigns")
      .insert({ name: "One at a time", budget: 1, start_date: new Date().toISOString() })
      .select("id")
      .single()
      .throwOnError();
    for (let n = 0; n < 3; n += 1) await enqueue({ campaign_id: campaign.id, max_cost: 1 });

    const summary = await workOn(async () => done, { concurrency: 3 });

    expect(summary.completed).toBe(3);
  });

  test("a failure says whether, and when, it is tried again, and what it cost all the same", async () => {
    const later = await enqueue();
    const never = await enqueue();

    await workOn(async ({ id }) => {
      if (id === never) throw new AgentError("refused", "The model declined\0 to answer.", { usage: [used()] });
      throw new AgentError("rate_limited", "The provider is asked too often.", { retryAfterSeconds: 600 });
    });

    expect(await job(never)).toMatchObject({
      status: "failed",
      error_code: "refused",
      error_message: "The model declined  to answer.",
      cost: 0.6,
    });
    const retried = await job(later);
    expect(retried).toMatchObject({ status: "pending", error_code: "rate_limited", retry_count: 1, cost: 0 });
    expect(Date.parse(retried.run_after!)).toBeGreaterThan(Date.now() + 590_000);
  });

  test("an unexpected fault is tried again; its reason is in the log and not before the user", async () => {
    const id = await enqueue();
    const lines: string[] = [];

    await workOn(() => Promise.reject(new TypeError("secret internals")), { log: (line) => lines.push(line) });

    expect(await job(id)).toMatchObject({
      status: "pending",
      retry_count: 1,
      error_code: "worker_failed",
      error_message: "The worker failed; its log has the reason.",
    });
    expect(lines).toEqual([expect.stringContaining("secret internals")]);
  });

  test("at the deadline nothing more is claimed, and what runs beyond the grace is given back, without an attempt", async () => {
    const ids = [await enqueue(), await enqueue(), await enqueue()];
    const started = Promise.withResolvers<void>();

    const working = workOn(
      async (_, { signal }) => {
        started.resolve();
        return untilAborted(signal, [used({ quantity: 1000 })]);
      },
      { concurrency: 1, batchSize: 2, deadline: Date.now() + 300, graceMs: 10 },
    );
    await started.promise;

    expect(await working).toEqual({ completed: 0, failed: 0, released: 2, refused: 0 });
    for (const id of ids) expect(await job(id)).toMatchObject({ status: "pending", retry_count: 0 });
    // What the aborted request cost is booked nevertheless.
    expect((await ledger()).map(({ cost }) => cost)).toEqual([0.0006]);
  });

  test("gives back what does not even end when it is told to, and what ends within the grace counts", async () => {
    const deaf = await enqueue();
    const quick = await enqueue();
    const stop = new AbortController();
    const running: string[] = [];

    const working = workOn(
      async ({ id }) => {
        running.push(id);
        if (id === deaf) return new Promise(() => {});
        await until("the stop", () => stop.signal.aborted);
        return done;
      },
      { stop: stop.signal, graceMs: 200 },
    );
    await until("both run", () => running.length === 2);
    stop.abort();

    expect(await working).toEqual({ completed: 1, failed: 0, released: 1, refused: 0 });
    expect((await job(deaf)).status).toBe("pending");
    expect((await job(quick)).status).toBe("completed");
  });

  test("abandons everything at once when it is told so", async () => {
    const id = await enqueue();
    const abandon = new AbortController();

    const summary = await workOn(
      (_, { signal }) => {
        setImmediate(() => abandon.abort());
        return untilAborted(signal);
      },
      { abandon: abandon.signal, graceMs: 60_000 },
    );

    expect(summary.released).toBe(1);
    expect(await job(id)).toMatchObject({ status: "pending", retry_count: 0 });
  });

  test("heartbeats keep the lease for as long as the job runs", async () => {
    const id = await enqueue();
    const expiry = async () =>
      (
        await backend.database.query<{ at: string }>(
          "select expires_at::text as at from groundwork.leases where job_id = $1",
          [id],
        )
      )[0]!.at;

    const summary = await workOn(
      async () => {
        const first = await expiry();
        await until("a later expiry", async () => (await expiry()) !== first);
        return done;
      },
      { leaseSeconds: 1 },
    );

    expect(summary.completed).toBe(1);
  });

  test("a job whose lease is gone is aborted, and its result dropped, but not what it cost", async () => {
    const id = await enqueue();

    const summary = await workOn(
      async (_, { signal }) => {
        await user.client.rpc("cancel_agent_job", { job_id: id }).throwOnError();
        return untilAborted(signal, [used()]);
      },
      { leaseSeconds: 1 },
    );

    expect(summary).toEqual({ completed: 0, failed: 0, released: 0, refused: 1 });
    expect(await job(id)).toMatchObject({ status: "cancelled", output_data: null, cost: 0.6 });
  });

  test("what a cancelled job had reserved is free when the worker lets it go, even if that cost nothing", async () => {
    const id = await enqueue({ max_cost: 1 });
    const reserved = async () => (await user.client.rpc("monthly_spending").throwOnError()).data;
    let meanwhile: unknown;

    await workOn(async () => {
      await user.client.rpc("cancel_agent_job", { job_id: id }).throwOnError();
      meanwhile = await reserved();
      return done;
    });

    expect(meanwhile).toMatchObject({ spent: 0, reserved: 1 });
    expect(await reserved()).toMatchObject({ spent: 0, reserved: 0 });
  });

  test("a result that comes too late is refused, and what it cost is booked, to no campaign", async () => {
    const { data: campaign } = await user.client
      .from("campaigns")
      .insert({ name: "Launch", budget: 100, start_date: new Date().toISOString() })
      .select("id")
      .single()
      .throwOnError();
    const id = await enqueue({ campaign_id: campaign.id });
    const assets = [{ title: "Late", content: "Late", content_type: "blog" as const, metadata: {} }];

    const summary = await workOn(async () => {
      await user.client.rpc("cancel_agent_job", { job_id: id }).throwOnError();
      return { ...done, assets, usage: [used()] };
    });

    expect(summary).toEqual({ completed: 0, failed: 0, released: 0, refused: 1 });
    expect(await job(id)).toMatchObject({ status: "cancelled", output_data: null });
    expect(await ledger()).toMatchObject([{ agent_job_id: id, campaign_id: null, cost: 0.6 }]);
    expect((await user.client.from("content_assets").select().throwOnError()).data).toEqual([]);
  });

  test("a result that can't be stored fails alone, with the reason; the others of its call count", async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => enqueue({ max_cost: 0 })));
    const asset = { title: "x".repeat(501), content: "y", content_type: "blog" as const, metadata: {} };
    const outcomes: Record<string, JobOutcome> = {
      [ids[1]!]: { ...done, assets: [asset], usage: [used({ model: "offline" })] },
      [ids[2]!]: { ...done, output_data: { text: "nul \0" } },
      [ids[3]!]: { ...done, usage: [used({ quantity: -1 })] },
    };
    const lines: string[] = [];

    const summary = await workOn(async ({ id }) => outcomes[id] ?? done, { log: (line) => lines.push(line) });

    expect(summary).toEqual({ completed: 2, failed: 3, released: 0, refused: 0 });
    const reason = (id: string) => job(id).then(({ status, error_message }) => [status, error_message]);
    expect(await reason(ids[0]!)).toEqual(["completed", null]);
    expect(await reason(ids[1]!)).toEqual(["failed", expect.stringContaining("too long")]);
    expect(await reason(ids[2]!)).toEqual(["failed", expect.stringContaining("could not be stored")]);
    expect(await reason(ids[3]!)).toEqual(["failed", expect.stringContaining("could not be stored")]);
    expect((await job(ids[1]!)).tokens_used).toBe(1_000_000);
    // What could not be booked is at least to be read.
    expect(lines.filter((line) => line.includes('not booked: [{"model":"gpt-4o-mini"'))).toHaveLength(1);
  });

  test("what used a model without a price fails, and says what to do", async () => {
    const id = await enqueue();

    const summary = await workOn(async () => ({ ...done, usage: [used({ model: "nameless-1" })] }));

    expect(summary).toEqual({ completed: 0, failed: 1, released: 0, refused: 0 });
    expect(await job(id)).toMatchObject({
      status: "failed",
      error_code: "unknown_price",
      error_message: "There is no price for what this used: nameless-1 (output). Add it with set_model_price().",
    });
  });

  test("a call that got lost is made again with the same results, which count once", async () => {
    const ids = [await enqueue(), await enqueue()];
    const fault = () => new QueueError("fetch failed", "", true);
    let calls = 0;
    const lossy: JobQueue = {
      ...queue,
      async exchange(request) {
        calls += 1;
        if (calls === 2) throw fault();
        const answer = await queue.exchange(request);
        // The database has it; only the answer is lost.
        if (calls === 3) throw fault();
        return answer;
      },
    };
    const usage = [used(), used()];

    await workOn(async () => ({ ...done, usage: [usage.pop()!] }), { concurrency: 2 }, lossy);

    for (const id of ids) expect(await job(id)).toMatchObject({ status: "completed", retry_count: 0 });
    expect(await ledger()).toHaveLength(2);
  });

  test("ends with the error when the database refuses it for good", async () => {
    const id = await enqueue();
    const refused = jobQueueOverHttp(backend.client());

    await expect(workOn(async () => done, {}, refused)).rejects.toMatchObject({
      name: "QueueError",
      code: "42501",
      isTransient: false,
    });
    expect((await job(id)).status).toBe("pending");
  });

  test("says what nobody has booked when it ends with an error, also of what was still running", async () => {
    await Promise.all([enqueue(), enqueue()]);
    const lines: string[] = [];
    const refusing: JobQueue = {
      ...queue,
      async exchange(request) {
        if (request.results.length === 0) return queue.exchange(request);
        throw new QueueError("permission denied", "42501");
      },
    };
    let runs = 0;

    const working = workOn(
      async (_, { signal }) => ((runs += 1) === 1 ? { ...done, usage: [used()] } : untilAborted(signal, [used()])),
      { concurrency: 2, log: (line) => lines.push(line) },
      refusing,
    );

    await expect(working).rejects.toMatchObject({ code: "42501" });
    await until("both have said what they used", () => lines.length === 2);
    for (const line of lines) expect(line).toMatch(/^Job [\da-f-]{36}: not booked: \[\{"model"/);
  });

  test("without a database it goes on asking until it is told to stop", async () => {
    const away = jobQueueOverHttp(createClient("http://127.0.0.1:9", backend.secretKey));
    const stop = new AbortController();
    const lines: string[] = [];

    const working = workOn(async () => done, { stop: stop.signal, log: (line) => lines.push(line) }, away);
    await until("a second attempt", () => lines.length > 0);
    stop.abort();

    expect(lines[0]).toContain("The queue is not available");
    expect(await working).toEqual({ completed: 0, failed: 0, released: 0, refused: 0 });
  });

  test("does not wait for ever for a database that is to take a result", async () => {
    await enqueue();
    const stop = new AbortController();
    const dying: JobQueue = {
      ...queue,
      async exchange(request) {
        if (request.results.length === 0) return queue.exchange(request);
        stop.abort();
        throw new QueueError("the database system is shutting down", "57P03");
      },
    };

    const working = workOn(async () => done, { stop: stop.signal, graceMs: 0 }, dying);

    await expect(working).rejects.toMatchObject({ code: "57P03", isTransient: true });
  });
});

describe("over Postgres", () => {
  let sql: postgres.Sql;
  beforeAll(() => {
    sql = openConnection(backend.databaseUrl!, 2);
  });
  afterAll(() => sql.end());

  test("the same queue does the same", async () => {
    const ids = [await enqueue(), await enqueue()];
    const wired = jobQueueOverPostgres(sql);
    const lost = await enqueue();

    const summary = await workOn(
      async ({ id }, { signal }) => {
        if (id !== lost) return { ...done, usage: [used({ quantity: 1 })] };
        await user.client.rpc("cancel_agent_job", { job_id: id }).throwOnError();
        return untilAborted(signal, [used()]);
      },
      { leaseSeconds: 1, agentTypes: ["seo_writer"] },
      wired,
    );

    expect(summary).toEqual({ completed: 2, failed: 0, released: 0, refused: 1 });
    for (const id of ids) expect((await job(id)).status).toBe("completed");
    expect(await job(lost)).toMatchObject({ status: "cancelled", cost: 0.6 });
  });

  test("gives prices and figures as the API gives them, of the user's own campaigns only", async () => {
    const stranger = await backend.signUp();
    const make = async (by: SignedUp, name: string, figures: object) => {
      const { data: campaign } = await by.client
        .from("campaigns")
        .insert({ name, budget: 10.5, start_date: new Date().toISOString() })
        .select("id, user_id")
        .single()
        .throwOnError();
      await backend.adminClient().from("campaigns").update(figures).eq("id", campaign.id).throwOnError();
      return campaign;
    };
    const counted = await make(user, "Counted", { impressions: 3000, clicks: 70, conversions: 3, roi: 2.5 });
    const silent = await make(user, "Silent", {});
    const foreign = await make(stranger, "Foreign", { clicks: 1 });
    await backend
      .adminClient()
      .from("budget_entries")
      .insert({
        user_id: counted.user_id,
        campaign_id: counted.id,
        resource_type: "ad_spend",
        cost: 1.4,
      } as never)
      .throwOnError();
    const wired = jobQueueOverPostgres(sql);

    const all = await queue.campaignFigures(counted.user_id, null);

    const nothing = { impressions: 0, clicks: 0, conversions: 0, roi: 0 };
    const noRates = { click_rate: null, conversion_rate: null, cost_per_click: null, cost_per_conversion: null };
    expect(all).toEqual([
      {
        id: counted.id,
        name: "Counted",
        status: "draft",
        budget: 10.5,
        spend: 1.4,
        reserved: 0,
        budget_remaining: 9.1,
        impressions: 3000,
        clicks: 70,
        conversions: 3,
        roi: 2.5,
        click_rate: 0.023333,
        conversion_rate: 0.042857,
        cost_per_click: 0.02,
        cost_per_conversion: 0.466667,
      },
      {
        id: silent.id,
        name: "Silent",
        status: "draft",
        budget: 10.5,
        spend: 0,
        reserved: 0,
        budget_remaining: 10.5,
        ...nothing,
        ...noRates,
      },
    ]);
    const named = [silent.id, foreign.id];
    expect(await queue.campaignFigures(counted.user_id, named)).toEqual([all[1]]);
    expect(await wired.campaignFigures(counted.user_id, null)).toEqual(all);
    expect(await wired.campaignFigures(counted.user_id, named)).toEqual([all[1]]);
    expect(await wired.prices("gpt-4o-mini")).toEqual(await queue.prices("gpt-4o-mini"));
    expect(await wired.prices("nameless-1")).toBeNull();
    expect((await user.client.rpc("get_campaign_figures", { for_user_id: counted.user_id })).error?.code).toBe("42501");
  });

  test("gives the thoughts of the job's user to the holder of its lease, on either way", async () => {
    const writer = await backend.signUp();
    await writer.client.from("thoughts").insert({ thought_text: "Not embedded yet" }).throwOnError();
    await writer.client.from("circles").insert({ circle_name: "Garden" }).throwOnError();
    await writer.client.rpc("enqueue_agent_job", { agent_type: "thought_organizer", input_data: {} }).throwOnError();
    const agentTypes: AgentType[] = ["thought_organizer"];
    const { claimed } = await queue.exchange({
      workerId: "w",
      results: [],
      batchSize: 1,
      leaseSeconds: 60,
      agentTypes,
    });
    const lease = { job_id: claimed[0]!.id, lease_token: claimed[0]!.lease_token };
    const wired = jobQueueOverPostgres(sql);

    const thoughts = await wired.thoughtsToOrganize(lease);

    expect(thoughts).toMatchObject({ unchanged: false, not_embedded: 1, thoughts: [], circles: [{ name: "Garden" }] });
    expect(await queue.thoughtsToOrganize(lease)).toEqual(thoughts);
    for (const way of [queue, wired]) {
      const refused = way.thoughtsToOrganize({ ...lease, lease_token: crypto.randomUUID() });
      await expect(refused).rejects.toMatchObject({ code: "GW703" });
    }
    await queue.exchange({
      workerId: "w",
      results: [
        { ...lease, outcome: "failed", error_code: "refused", error_message: "x", retryable: false, usage: [] },
      ],
      batchSize: 0,
      leaseSeconds: 60,
    });
  });

  test("says what kind of fault it is", async () => {
    const wired = jobQueueOverPostgres(sql);
    const away = openConnection("postgresql://postgres@127.0.0.1:9/postgres", 1);

    await expect(wired.bookLateUsage("no uuid", [])).rejects.toMatchObject({ code: "22P02", isTransient: false });
    await expect(jobQueueOverPostgres(away).prices("offline")).rejects.toMatchObject({
      code: "ECONNREFUSED",
      isTransient: true,
    });
    await away.end();
  });

  test("the analyst sees the figures of the user whose job it is", async () => {
    await user.client
      .from("campaigns")
      .insert({ name: "Spring", budget: 10, start_date: new Date().toISOString() })
      .throwOnError();
    const { data } = await user.client
      .rpc("enqueue_agent_job", { agent_type: "analyst", input_data: {} })
      .throwOnError();

    const summary = await workOn(jobRunner(queue, offlineModel()));

    expect(summary.completed).toBe(1);
    expect((await job((data as { id: string }).id)).output_data).toMatchObject({ campaigns: [{ name: "Spring" }] });
  });
});

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

  test.for(["DATABASE_URL", "SUPABASE_URL"])("--once works until the queue is empty, with %s", async (name) => {
    const [good, bad] = [await enqueue(), await enqueue({ input_data: { topic: "Bees", length: 1 } })];
    const environment = name === "DATABASE_URL" ? { DATABASE_URL: backend.databaseUrl! } : http();

    const worker = runWorker(["--once"], environment);

    expect(await worker.ended).toBe(0);
    expect((await job(good)).status).toBe("completed");
    expect(worker.output()).toMatch(new RegExp(`[\\d:]{8} seo_writer ${good} completed, \\d+ tokens\n`));
    expect(worker.output()).toMatch(new RegExp(`[\\d:]{8} seo_writer ${bad} failed, 0 tokens: input_data: length`));
    expect(worker.output()).toContain("1 completed, 1 failed, 0 released, 0 refused.");
  });

  test.for(["DATABASE_URL", "SUPABASE_URL"])("waits for jobs, and ends at a signal, with %s", async (name) => {
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
    ["a URL that is none", [], { DATABASE_URL: "nowhere" }, "DATABASE_URL is no URL"],
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

describe("the embedded stack", () => {
  test("leaves jobs to whoever calls the function, unless it is told to run them", async () => {
    const id = await enqueue();
    const { data } = await backend.adminClient().from("agent_jobs").select("status").eq("id", id).throwOnError();

    const [listener] = await backend.database.query(
      "select from groundwork.job_listeners where worker_id = 'embedded stack'",
    );

    expect(data).toEqual([{ status: "pending" }]);
    expect(listener).toBeUndefined();
  });

  test("runs jobs as they are queued, and those that become due, without being called", async () => {
    const lines: string[] = [];
    await using ringing = await startLocal({ runAgentJobs: true, log: (line) => lines.push(line) });
    const { client } = await ringing.signUp();
    const input_data = { topic: "Bees" };
    const dueSoon = new Date(Date.now() + 500).toISOString();

    await client.rpc("enqueue_agent_job", { agent_type: "seo_writer", input_data, run_after: dueSoon }).throwOnError();
    await client.rpc("enqueue_agent_job", { agent_type: "social_media", input_data }).throwOnError();

    await until("both are done", async () => {
      const { data } = await client.from("agent_jobs").select("status").throwOnError();
      return data.length === 2 && data.every(({ status }) => status === "completed");
    });
    expect((await client.from("content_assets").select("status").throwOnError()).data).toContainEqual({
      status: "review",
    });
    expect(lines).toEqual([]);
  });

  test("says in one line why jobs do not run, tries again, and calls nobody without need", async () => {
    const lines: string[] = [];
    const answers = [
      async () => Response.json({ error: { message: "AI_MODEL not set." } }, { status: 500 }),
      async () => Response.json({ data: await workOn(async () => done) }),
    ];
    let calls = 0;
    const call = () => answers[(calls += 1) - 1]!();
    const tasks: ScheduledTask[] = [{ hasWork: "has_agent_work", call, failureMessage: "Agent jobs do not run" }];
    const scheduler = await startScheduler({ database: backend.database, tasks, log: (line) => lines.push(line) });
    await using _closed = { [Symbol.asyncDispose]: () => scheduler.close() };
    const listed = async () =>
      (await backend.database.query("select from groundwork.job_listeners where is_idle")).length > 0;
    await until("it listens", listed);
    expect(calls).toBe(0);

    const id = await enqueue();

    await until("the job is done", async () => (await job(id)).status === "completed");
    await until("it listens again", listed);
    expect(lines).toEqual(["Agent jobs do not run: AI_MODEL not set."]);
    expect(calls).toBe(2);
  });

  test("has nothing to call for in a database without a queue", async () => {
    const statements: string[] = [];
    const query = async <Row>(sql: string) => (statements.push(sql), [] as Row[]);
    const call = () => Promise.reject(new Error("must not be called"));

    const tasks: ScheduledTask[] = [{ hasWork: "has_agent_work", call, failureMessage: "Agent jobs do not run" }];
    const scheduler = await startScheduler({ database: { ...backend.database, query }, tasks, log: () => {} });

    await scheduler.close();
    expect(statements).toHaveLength(1);
  });
});
