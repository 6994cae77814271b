/** Agent jobs for users and workers, through supabase-js. test/postgres/jobs tests many sessions at once. */
import type { Database } from "#groundwork";
import { startLocal } from "#groundwork/local";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { insertAccount } from "../setup/users.ts";
import { clientWithClaims } from "../setup/tokens.ts";

const backend = await startLocal();
afterAll(() => backend.close());
const admin = backend.adminClient();

type Client = ReturnType<typeof backend.client>;
let ada: Client;
let adaId: string;
let grace: Client;
beforeEach(async () => {
  // No jobs of other tests are left to claim.
  await backend.database.run("delete from auth.users");
  const [first, second] = [await backend.signUp(), await backend.signUp()];
  [ada, adaId, grace] = [first.client, first.user.id, second.client];
});

const blog = { agent_type: "seo_writer", input_data: { topic: "Sun" } } as const;

type JobRequest = Database["public"]["Functions"]["enqueue_agent_job"]["Args"];
const request = (client: Client, job: JobRequest) => client.rpc("enqueue_agent_job", job);
const enqueue = async (client: Client, given: Partial<JobRequest> = {}) =>
  (await request(client, { ...blog, ...given }).throwOnError()).data;

const plan = async (client: Client, budget = 1) =>
  (
    await client
      .from("campaigns")
      .insert({ name: "Launch", status: "active", budget, start_date: "2026-01-01T00:00:00Z" })
      .select()
      .single()
      .throwOnError()
  ).data;

const claim = async () => (await admin.rpc("claim_agent_jobs", { worker_id: "test" }).throwOnError()).data;

const statusOf = async (client: Client, id: string) =>
  (await client.from("agent_jobs").select("status").eq("id", id).single().throwOnError()).data.status;

const limit = (limits: { monthly_limit?: number; max_queued_jobs?: number }) =>
  admin
    .from("user_spend_limits")
    .upsert({ user_id: adaId, ...limits })
    .throwOnError();

describe("queueing a job", () => {
  test("makes a pending job of the caller, with the given values and the defaults of its agent type", async () => {
    const runAfter = new Date(Date.now() + 60_000).toISOString();

    const job = await enqueue(ada, { priority: 5, run_after: runAfter, max_retries: 1 });

    expect(job).toMatchObject({
      user_id: adaId,
      status: "pending",
      agent_type: "seo_writer",
      input_data: { topic: "Sun" },
      priority: 5,
      max_cost: 0.5,
      max_retries: 1,
      idempotency_key: null,
      waiting_for: null,
      cost: 0,
    });
    expect(Date.parse(job.run_after!)).toBe(Date.parse(runAfter));
    expect((await ada.from("agent_jobs").select().throwOnError()).data).toEqual([job]);
  });

  test("returns the same job for the same key, separately for each user", async () => {
    const first = await enqueue(ada, { idempotency_key: "monday" });
    const again = await enqueue(ada, { idempotency_key: "monday" });
    const others = await enqueue(grace, { idempotency_key: "monday" });

    expect(again).toEqual(first);
    expect(others.id).not.toBe(first.id);
    expect((await ada.from("agent_jobs").select("id").throwOnError()).data).toEqual([{ id: first.id }]);
  });

  test("refuses the same key for another input, agent or campaign", async () => {
    const campaign = await plan(ada);
    await enqueue(ada, { idempotency_key: "monday" });

    const codes = [];
    for (const other of [
      { input_data: { topic: "Moon" } },
      { agent_type: "social_media" },
      { campaign_id: campaign.id },
    ] as const) {
      codes.push((await request(ada, { ...blog, ...other, idempotency_key: "monday" })).error?.code);
    }

    expect(codes).toEqual(["GW707", "GW707", "GW707"]);
    expect((await ada.from("agent_jobs").select("id").throwOnError()).data).toHaveLength(1);
  });

  test("queues many jobs in their order, all or none, each key once", async () => {
    const jobs = [
      { ...blog, idempotency_key: "a" },
      { agent_type: "analyst", input_data: {} },
      { ...blog, idempotency_key: "a" },
    ];

    const { data: ids } = await ada.rpc("enqueue_agent_jobs", { jobs }).throwOnError();
    const refused = await ada.rpc("enqueue_agent_jobs", {
      jobs: [
        { agent_type: "analyst", input_data: {} },
        { agent_type: "seo_writer", input_data: {} },
      ],
    });

    expect(ids).toHaveLength(3);
    expect([ids[2] === ids[0], ids[1] === ids[0]]).toEqual([true, false]);
    expect(refused.error).toMatchObject({ code: "GW705", details: "Job 2: seo_writer needs topic." });
    expect((await ada.from("agent_jobs").select("id").throwOnError()).data).toHaveLength(2);
  });

  test.for([
    ["seo_writer", {}, "seo_writer needs topic."],
    ["email_marketer", { offer: "Half" }, "email_marketer needs goal."],
    ["social_media", {}, "social_media needs topic."],
    ["seo_writer", { topic: null }, "topic is to be string, not null."],
    ["seo_writer", { topic: "Sun", length: "long" }, "length is to be number, not string."],
    ["seo_writer", { topic: "Sun", budget: 5 }, "seo_writer takes no budget."],
    ["analyst", { campaign_ids: "all" }, "campaign_ids is to be array, not string."],
    ["optimizer", { total_budget: "all" }, "total_budget is to be number, not string."],
    ["thought_organizer", { dry_run: "yes" }, "dry_run is to be boolean, not string."],
    ["persona_writer", {}, "persona_writer needs raw_text."],
    ["analyst", { campaign_ids: [["all"]] as string[][] }, "input_data is nested too deeply."],
  ] as const)("refuses %s with %j and gives the reason", async ([agent_type, input_data, problem]) => {
    const { error, status } = await request(ada, { agent_type, input_data: { ...input_data } });

    expect(status).toBe(400);
    expect(error).toMatchObject({ code: "GW705", details: `Job 1: ${problem}` });
    expect((await ada.from("agent_jobs").select("id").throwOnError()).data).toEqual([]);
  });

  test("refuses an input that is not an object, or is too large", async () => {
    const list = await ada.rpc("enqueue_agent_job", { agent_type: "analyst", input_data: ["all"] as never });
    const large = await request(ada, { agent_type: "seo_writer", input_data: { topic: "x".repeat(65_537) } });

    expect(list.error).toMatchObject({ code: "GW705", details: "Job 1: input_data is no JSON object." });
    expect(large.error).toMatchObject({ code: "GW705", details: "Job 1: input_data is larger than 64 KiB." });

    const life = await request(ada, { agent_type: "persona_writer", input_data: { raw_text: "x".repeat(65_537) } });
    const library = await request(ada, {
      agent_type: "persona_writer",
      input_data: { raw_text: "x".repeat(1_048_577) },
    });
    expect(life.error).toBeNull();
    expect(library.error).toMatchObject({ code: "GW705", details: "Job 1: input_data is larger than 1024 KiB." });
  });

  test("refuses a key of more than 200 characters, even if the rest is blank, and a value that is not a job", async () => {
    const job = { agent_type: "analyst", input_data: {}, idempotency_key: "k".padEnd(201) } as const;
    const one = await request(ada, job);
    const many = await ada.rpc("enqueue_agent_jobs", { jobs: [job] });
    const none = await ada.rpc("enqueue_agent_jobs", { jobs: [1, null, "x"] });

    expect([one, many, none].map(({ error }) => error?.code)).toEqual(["GW705", "GW705", "GW705"]);
    expect(many.error!.details).toContain("idempotency_key has 200 characters at most");
    expect(none.error!.details).toBe("jobs is no JSON array of objects.");
  });

  test("refuses more jobs than the quota, and accepts more when some have ended", async () => {
    await limit({ max_queued_jobs: 2 });
    const first = await enqueue(ada, { idempotency_key: "first" });
    await enqueue(ada);

    const third = await request(ada, blog);

    expect(third).toMatchObject({
      status: 429,
      error: { code: "GW706", details: "2 jobs wait; the quota is 2." },
    });
    // Asking for the same job again queues nothing.
    expect((await enqueue(ada, { idempotency_key: "first" })).id).toBe(first.id);
    await enqueue(grace);
    await ada.rpc("cancel_agent_job", { job_id: first.id }).throwOnError();
    await enqueue(ada);
    expect((await request(ada, blog)).error?.code).toBe("GW706");
  });

  test("refuses the campaign of another user", async () => {
    const campaign = await plan(grace);

    const { error } = await request(ada, { ...blog, campaign_id: campaign.id });

    expect(error?.code).toBe("23503");
    expect((await enqueue(grace, { campaign_id: campaign.id })).campaign_id).toBe(campaign.id);
  });

  test("is not for visitors", async () => {
    expect((await request(backend.client(), blog)).error?.code).toBe("42501");
  });
});

describe("a job", () => {
  test("cannot be seen, cancelled or retried by another user", async () => {
    const job = await enqueue(ada);

    expect((await grace.from("agent_jobs").select().throwOnError()).data).toEqual([]);
    for (const name of ["cancel_agent_job", "retry_agent_job"] as const) {
      expect(await grace.rpc(name, { job_id: job.id })).toMatchObject({ status: 404, error: { code: "GW704" } });
    }
    expect(await statusOf(ada, job.id)).toBe("pending");
  });

  test("can be cancelled by its owner while it waits or runs; the worker's result is then refused", async () => {
    const [waiting, running] = [await enqueue(ada, { run_after: "2100-01-01T00:00:00Z" }), await enqueue(ada)];
    const [lease] = await claim();
    expect(lease!.id).toBe(running.id);

    for (const { id } of [waiting, running]) {
      const { data } = await ada.rpc("cancel_agent_job", { job_id: id }).throwOnError();
      expect(data).toMatchObject({ id, status: "cancelled" });
    }

    const late = await admin.rpc("complete_agent_job", {
      job_id: running.id,
      lease_token: lease!.lease_token,
      output_data: {},
    });
    expect(late).toMatchObject({ status: 409, error: { code: "GW703" } });
    expect(await statusOf(ada, running.id)).toBe("cancelled");
    expect((await ada.rpc("cancel_agent_job", { job_id: running.id })).error).toMatchObject({
      code: "GW702",
      details: "cancelled does not lead to cancelled.",
    });
  });

  test("that failed for good can be retried by its owner, with all its retries", async () => {
    const job = await enqueue(ada);
    expect((await ada.rpc("retry_agent_job", { job_id: job.id })).error).toMatchObject({
      code: "GW702",
      details: "pending does not lead to pending.",
    });
    const [lease] = await claim();
    await admin
      .rpc("fail_agent_job", {
        job_id: job.id,
        lease_token: lease!.lease_token,
        error_code: "invalid_input",
        error_message: "No such topic.",
        retryable: false,
      })
      .throwOnError();
    const { data: failed } = await ada.from("agent_jobs").select().single().throwOnError();
    expect(failed).toMatchObject({
      status: "failed",
      error_code: "invalid_input",
      error_message: "No such topic.",
      run_after: null,
    });

    const { data } = await ada.rpc("retry_agent_job", { job_id: job.id }).throwOnError();

    expect(data).toMatchObject({ id: job.id, status: "pending", retry_count: 0, completed_at: null });
    expect(await claim()).toMatchObject([{ id: job.id }]);
  });

  test("cannot be written directly, not even by the service role", async () => {
    const job = await enqueue(ada);
    const codes = [];
    for (const client of [ada, admin]) {
      const rows = client.from("agent_jobs");
      codes.push((await rows.insert({ ...blog, user_id: adaId } as never)).error?.code);
      codes.push(
        (
          await client
            .from("agent_jobs")
            .update({ status: "completed" } as never)
            .eq("id", job.id)
        ).error?.code,
      );
    }

    expect(codes).toEqual(["42501", "42501", "42501", "42501"]);
    expect(await statusOf(ada, job.id)).toBe("pending");
  });

  test("is run only by workers: users and visitors cannot call their functions", async () => {
    const job = await enqueue(ada);
    const lease = { job_id: job.id, lease_token: crypto.randomUUID() };
    const calls = {
      claim_agent_jobs: { worker_id: "me" },
      exchange_agent_jobs: { worker_id: "me" },
      heartbeat_agent_job: lease,
      heartbeat_agent_jobs: { leases: [lease] },
      complete_agent_job: { ...lease, output_data: {} },
      fail_agent_job: { ...lease, error_message: "No." },
      release_agent_job: lease,
      book_late_usage: { job_id: job.id, usage: [] },
      await_agent_jobs: { worker_id: "me" },
      get_model_prices: { model: "gpt-5" },
      set_model_price: { model: "gpt-5", usage_kind: "input", price: 0 },
    };

    for (const client of [ada, backend.client()]) {
      for (const [name, args] of Object.entries(calls)) {
        const { error } = await client.rpc(name as "claim_agent_jobs", args as never);
        expect([name, error?.code]).toEqual([name, "42501"]);
      }
    }
    expect(await claim()).toMatchObject([{ id: job.id, user_id: adaId, input_data: { topic: "Sun" } }]);
  });
});

describe("a worker", () => {
  test("completes a job with output, content and ledger, and the campaign pays what was used", async () => {
    const campaign = await plan(ada);
    const job = await enqueue(ada, { campaign_id: campaign.id, max_cost: 0.6 });
    const [lease] = await claim();
    expect(lease).toMatchObject({ id: job.id, campaign_id: campaign.id, max_cost: 0.6, retry_count: 0 });

    const { data } = await admin
      .rpc("complete_agent_job", {
        job_id: job.id,
        lease_token: lease!.lease_token,
        output_data: { words: 2 },
        assets: [{ title: "Sun", content: "It shines.", content_type: "blog", metadata: { keywords: ["sun"] } }],
        usage: [
          { model: "gpt-4o", kind: "input", quantity: 1000, request_id: "r" },
          { model: "gpt-4o", kind: "output", quantity: 500, request_id: "r" },
        ],
      })
      .throwOnError();

    expect(data).toMatchObject({ status: "completed", output_data: { words: 2 }, cost: 0.0075, tokens_used: 1500 });
    const { data: assets } = await ada.from("content_assets").select().throwOnError();
    expect(assets).toMatchObject([
      {
        title: "Sun",
        status: "review",
        campaign_id: campaign.id,
        agent_job_id: job.id,
        metadata: { keywords: ["sun"] },
      },
    ]);
    const { data: entries } = await ada.from("budget_entries").select().order("cost").throwOnError();
    expect(entries).toMatchObject([
      { cost: 0.0025, usage_kind: "input", quantity: 1000, model_used: "gpt-4o", provider_request_id: "r" },
      { cost: 0.005, usage_kind: "output", quantity: 500, resource_type: "openai_api", campaign_id: campaign.id },
    ]);
    const { data: paid } = await ada.from("campaigns").select("spend, reserved").single().throwOnError();
    expect(paid).toEqual({ spend: 0.0075, reserved: 0 });
  });

  test("settles and claims in one call, and gets the refused results", async () => {
    const [first, second] = [await enqueue(ada), await enqueue(ada)];
    const { data: one } = await admin.rpc("exchange_agent_jobs", { worker_id: "w", batch_size: 1 }).throwOnError();
    const [lease] = (one as unknown as { claimed: { id: string; lease_token: string }[] }).claimed;
    const result = { job_id: first.id, lease_token: lease!.lease_token, outcome: "completed" };

    const { data: two } = await admin
      .rpc("exchange_agent_jobs", { worker_id: "w", batch_size: 1, results: [result] })
      .throwOnError();
    const { data: three } = await admin
      .rpc("exchange_agent_jobs", { worker_id: "w", batch_size: 1, results: [result] })
      .throwOnError();

    expect(two).toMatchObject({ claimed: [{ id: second.id }], refused: [], picked: 1 });
    expect(three).toEqual({ claimed: [], refused: [{ job_id: first.id, code: "GW703" }], picked: 0 });
  });

  test.for([
    [{ batch_size: 1001 }, "batch_size is to be from 0 to 1000."],
    [{ lease_seconds: 0 }, "lease_seconds is to be from 1 to 3600."],
    [{ results: {} }, "results is no JSON array."],
    [{ results: [{ outcome: "perfect" }] }, "An outcome is to be completed, failed or released."],
  ] as const)("may not ask for %j", async ([args, details]) => {
    const { error, status } = await admin.rpc("exchange_agent_jobs", { worker_id: "w", ...args } as never);

    expect(status).toBe(400);
    expect(error).toMatchObject({ code: "GW708", details });
  });

  test("gives back jobs that it cannot finish, without an attempt, and keeps the others", async () => {
    const job = await enqueue(ada);
    const [lease] = await claim();
    const held = { job_id: job.id, lease_token: lease!.lease_token };

    await admin.rpc("heartbeat_agent_job", { ...held, lease_seconds: 120 }).throwOnError();
    const { data: kept } = await admin.rpc("heartbeat_agent_jobs", { leases: [held] }).throwOnError();
    const { data: released } = await admin.rpc("release_agent_job", held).throwOnError();

    expect(kept).toEqual([job.id]);
    expect(released).toMatchObject({ status: "pending", retry_count: 0 });
    expect((await admin.rpc("heartbeat_agent_job", held)).error?.code).toBe("GW703");
    expect(await claim()).toMatchObject([{ id: job.id, retry_count: 0 }]);
  });
});

describe("money", () => {
  test("users see what their agents cost this month, what is reserved, and their limit", async () => {
    await limit({ monthly_limit: 3 });
    await enqueue(ada, { max_cost: 0.5 });
    await enqueue(ada, { max_cost: 0.25 });
    const leases = await claim();
    await admin
      .rpc("complete_agent_job", {
        job_id: leases[0]!.id,
        lease_token: leases[0]!.lease_token,
        output_data: {},
        usage: [{ model: "gpt-4o", kind: "output", quantity: 1000, request_id: "r" }],
      })
      .throwOnError();

    const { data } = await ada.rpc("monthly_spending").throwOnError();

    expect(data).toEqual({
      month: `${new Date().toISOString().slice(0, 7)}-01`,
      monthly_limit: 3,
      spent: 0.01,
      reserved: 0.25,
    });
    expect((await grace.rpc("monthly_spending").throwOnError()).data).toMatchObject({ spent: 0, reserved: 0 });
    expect((await grace.from("user_spend_limits").select().throwOnError()).data).toEqual([]);
    expect((await ada.from("user_spend_limits").select("monthly_limit").throwOnError()).data).toEqual([
      { monthly_limit: 3 },
    ]);
  });

  test("a user without an e-mail address may spend nothing, unless the operator sets a limit", async () => {
    const guestId = await insertAccount(backend, { is_anonymous: true });
    const guest = await clientWithClaims(backend, { sub: guestId, is_anonymous: true });
    const job = await enqueue(guest);

    expect(await claim()).toEqual([]);
    expect((await guest.from("agent_jobs").select("waiting_for").throwOnError()).data).toEqual([
      { waiting_for: "monthly_limit" },
    ]);
    await admin.from("user_spend_limits").insert({ user_id: guestId, monthly_limit: 1 }).throwOnError();
    expect(await claim()).toMatchObject([{ id: job.id }]);
  });

  test("the operator reads and sets prices", async () => {
    const model = `homebrew ${crypto.randomUUID()}`;
    const prices = async () => (await admin.rpc("get_model_prices", { model }).throwOnError()).data;
    expect(await prices()).toBeNull();

    await admin.rpc("set_model_price", { model, usage_kind: "output", price: 4 }).throwOnError();
    await admin.rpc("set_model_price", { model, usage_kind: "search", price: 10, per: 1000 }).throwOnError();

    expect(await prices()).toEqual({ output: 0.000004, search: 0.01 });
  });

  test("deleting a campaign cancels its unfinished jobs and keeps the completed ones", async () => {
    const campaign = await plan(ada);
    const [done, running, waiting, other] = [
      await enqueue(ada, { campaign_id: campaign.id, max_cost: 0.4, priority: 2 }),
      await enqueue(ada, { campaign_id: campaign.id, max_cost: 0.6, priority: 1 }),
      await enqueue(ada, { campaign_id: campaign.id, max_cost: 0.6 }),
      await enqueue(ada, { run_after: "2100-01-01T00:00:00Z" }),
    ];
    const leases = await claim();
    expect(leases.map(({ id }) => id)).toEqual([done.id, running.id]);
    await admin
      .rpc("complete_agent_job", { job_id: done.id, lease_token: leases[0]!.lease_token, output_data: {} })
      .throwOnError();

    await ada.from("campaigns").delete().eq("id", campaign.id).throwOnError();

    const statuses = await Promise.all([done, running, waiting, other].map(({ id }) => statusOf(ada, id)));
    expect(statuses).toEqual(["completed", "cancelled", "cancelled", "pending"]);
    // The reservation stays until the worker reports the cost or loses its lease.
    const spending = async () => (await ada.rpc("monthly_spending").throwOnError()).data;
    expect(await spending()).toMatchObject({ spent: 0, reserved: 0.6 });
    await admin.rpc("book_late_usage", { job_id: running.id, usage: [] }).throwOnError();
    expect(await spending()).toMatchObject({ spent: 0, reserved: 0 });
  });

  test("a budget cannot be lowered below what is spent and reserved", async () => {
    const campaign = await plan(ada);
    await enqueue(ada, { campaign_id: campaign.id, max_cost: 0.6 });
    await claim();
    const lower = (budget: number) => ada.from("campaigns").update({ budget }).eq("id", campaign.id);

    const { error, status } = await lower(0.599999);

    expect(status).toBe(409);
    expect(error).toMatchObject({
      code: "GW802",
      details: "0 is spent and 0.6 reserved; the budget would be 0.599999.",
    });
    expect((await lower(0.6)).error).toBeNull();
  });
});
