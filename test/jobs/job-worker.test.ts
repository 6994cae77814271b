/** The worker on the real job queue of the embedded stack. */
import { createClient } from "#groundwork";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { AgentError, type JobOutcome, offlineModel } from "../../src/agents/index.ts";
import { jobRunner } from "../../src/agents/runtime/job-runner.ts";
import { jobQueueOverHttp } from "../../src/jobs/job-queue-over-http.ts";
import type { Exchange, JobQueue } from "../../src/jobs/job-queue.ts";
import { QueueError } from "../../src/shared/queue-error.ts";
import { until } from "../setup/until.ts";
import { done, startJobBackend, untilAborted, used } from "./setup/job-backend.ts";

const { backend, queue, user, enqueue, jobs, job, ledger, workOn, clear } = await startJobBackend();
afterAll(() => backend.close());
afterEach(() => clear());

describe("the job worker", () => {
  test("runs at most as many jobs at once as allowed, and sends results together with the next claim", async () => {
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

  test("runs batches with several calls in progress, each job once", async () => {
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

  test("claims jobs that are queued while others still run", async () => {
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

  test("continues when limits allow none of the picked jobs, and the owner sees the reason", async () => {
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

  test("jobs that waited for a reservation of another job run as soon as it is released", async () => {
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

  test("a failure says if and when it is tried again, and what it cost", async () => {
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

  test("an unexpected error is tried again; its reason is in the log, and the user does not see it", async () => {
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

  test("at the deadline claiming stops, and jobs that run longer than the grace are given back without an attempt", async () => {
    const ids = [await enqueue(), await enqueue(), await enqueue()];
    let started = 0;
    const workFor = (ms: number) =>
      workOn(
        async (_, { signal }) => {
          started += 1;
          return untilAborted(signal, [used({ quantity: 1000 })]);
        },
        { concurrency: 1, batchSize: 2, deadline: Date.now() + ms, graceMs: 10 },
      );

    // On a busy machine, the deadline may come before the first job.
    let ms = 300;
    const summary = await until("a job runs before the deadline", async () => {
      const ended = await workFor((ms *= 2));
      return started > 0 && ended;
    });

    expect(summary).toEqual({ completed: 0, failed: 0, released: 2, refused: 0 });
    for (const id of ids) expect(await job(id)).toMatchObject({ status: "pending", retry_count: 0 });
    // The cost of the aborted request is booked all the same.
    expect((await ledger()).map(({ cost }) => cost)).toEqual([0.0006]);
  });

  test("gives back jobs that do not end when they are aborted, and accepts results that come within the grace", async () => {
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

  test("gives everything back at once when it is told to", async () => {
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

  test("heartbeats extend the lease while the job runs", async () => {
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

  test("a job whose lease is lost is aborted and its result is dropped, but its cost is booked", async () => {
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

  test("the reservation of a cancelled job is released when the worker ends it, even if it cost nothing", async () => {
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

  test("a result that comes too late is refused, and its cost is booked without a campaign", async () => {
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

  test("if a result cannot be stored, only its job fails, with the reason; other results of the call count", async () => {
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
    // Usage that could not be booked is at least in the log.
    expect(lines.filter((line) => line.includes('not booked: [{"model":"gpt-4o-mini"'))).toHaveLength(1);
  });

  test("a job that used a model without a price fails, and the message says what to do", async () => {
    const id = await enqueue();

    const summary = await workOn(async () => ({ ...done, usage: [used({ model: "nameless-1" })] }));

    expect(summary).toEqual({ completed: 0, failed: 1, released: 0, refused: 0 });
    expect(await job(id)).toMatchObject({
      status: "failed",
      error_code: "unknown_price",
      error_message: "The usage of this job has no price: nameless-1 (output). Add it with set_model_price().",
    });
  });

  test("a call that was lost is repeated with the same results, which count once", async () => {
    const ids = [await enqueue(), await enqueue()];
    const fault = () => new QueueError("fetch failed", "", true);
    let calls = 0;
    const lossy: JobQueue = {
      ...queue,
      async exchange(request) {
        calls += 1;
        if (calls === 2) throw fault();
        const answer = await queue.exchange(request);
        // The call has reached the database; only its answer is lost.
        if (calls === 3) throw fault();
        return answer;
      },
    };
    const usage = [used(), used()];

    await workOn(async () => ({ ...done, usage: [usage.pop()!] }), { concurrency: 2 }, lossy);

    for (const id of ids) expect(await job(id)).toMatchObject({ status: "completed", retry_count: 0 });
    expect(await ledger()).toHaveLength(2);
  });

  test("ends with the error if the database refuses it for good", async () => {
    const id = await enqueue();
    const refused = jobQueueOverHttp(backend.client());

    await expect(workOn(async () => done, {}, refused)).rejects.toMatchObject({
      name: "QueueError",
      code: "42501",
      isTransient: false,
    });
    expect((await job(id)).status).toBe("pending");
  });

  test("logs usage that was not booked when it ends with an error, also that of running jobs", async () => {
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

  test("without a database it tries again until it is stopped", async () => {
    const away = jobQueueOverHttp(createClient("http://127.0.0.1:9", backend.secretKey));
    const stop = new AbortController();
    const lines: string[] = [];

    const working = workOn(async () => done, { stop: stop.signal, log: (line) => lines.push(line) }, away);
    await until("a second attempt", () => lines.length > 0);
    stop.abort();

    expect(lines[0]).toContain("The queue is not available");
    expect(await working).toEqual({ completed: 0, failed: 0, released: 0, refused: 0 });
  });

  test("does not wait forever for a database to accept a result", async () => {
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

  test("the analyst sees the figures of the job's user", async () => {
    await user.client
      .from("campaigns")
      .insert({ name: "Spring", budget: 10, start_date: new Date().toISOString() })
      .throwOnError();
    const id = await enqueue({ agent_type: "analyst", input_data: {} });

    const summary = await workOn(jobRunner(queue, offlineModel()));

    expect(summary.completed).toBe(1);
    expect((await job(id)).output_data).toMatchObject({ campaigns: [{ name: "Spring" }] });
  });
});
