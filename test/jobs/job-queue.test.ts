/** The behaviour of the job queue on which a worker may rely, the same for every way to reach the queue. */
import type { SignedUp } from "#groundwork/local";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { jobQueueOverHttp } from "../../src/jobs/job-queue-over-http.ts";
import type { ClaimedJob, Exchange, JobQueue, JobResult, Lease } from "../../src/jobs/job-queue.ts";
import { jobQueueOverPostgres } from "../../src/node/postgres/job-queue-over-postgres.ts";
import { QueueError } from "../../src/shared/queue-error.ts";
import { type WayToQueue, waysToQueue } from "../setup/ways-to-queue.ts";
import { done, startJobBackend, untilAborted, used } from "./setup/job-backend.ts";

const { backend, user, enqueue, job, ledger, workOn, clear } = await startJobBackend({ wirePort: 0 });
afterAll(() => backend.close());
afterEach(() => clear());

const ways = waysToQueue<JobQueue>(backend, user, {
  overHttp: jobQueueOverHttp,
  overPostgres: jobQueueOverPostgres,
});

describe.each(ways)("the job queue over %s", (_, open) => {
  let way: WayToQueue<JobQueue>;
  let queue: JobQueue;
  beforeAll(async () => {
    way = await open();
    queue = way.queue;
  });
  afterAll(() => way.close());

  const nowhere: Lease = { job_id: crypto.randomUUID(), lease_token: crypto.randomUUID() };
  const nothing: Exchange = { workerId: "w", results: [], batchSize: 0, leaseSeconds: 60 };
  const claim = (more: Partial<Exchange> = {}) => queue.exchange({ ...nothing, batchSize: 10, ...more });
  const leaseOf = ({ id, lease_token }: ClaimedJob): Lease => ({ job_id: id, lease_token });
  const completed = (lease: Lease, more: Partial<JobResult> = {}) =>
    ({ ...lease, outcome: "completed", ...done, ...more }) as JobResult;
  const rejection = (call: Promise<unknown>) =>
    call.then(
      () => expect.unreachable("it was answered"),
      (error: unknown) => error as QueueError,
    );

  describe("exchange", () => {
    test("claims each job once, with all that an agent needs, if its type is asked for", async () => {
      const id = await enqueue({ input_data: { topic: "Bees" }, max_cost: 0.5 });
      const post = await enqueue({ agent_type: "social_media" });

      const first = await claim({ agentTypes: ["seo_writer"] });
      const rest = await claim();

      expect(first).toMatchObject({ refused: [], picked: 1 });
      expect(first.claimed).toEqual([
        {
          id,
          user_id: user.user.id,
          agent_type: "seo_writer",
          input_data: { topic: "Bees" },
          campaign_id: null,
          retry_count: 0,
          max_retries: 3,
          max_cost: 0.5,
          lease_token: expect.stringMatching(/^[\da-f-]{36}$/),
          lease_expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/),
        },
      ]);
      expect(rest.claimed.map((claimed) => claimed.id)).toEqual([post]);
      expect(await claim()).toEqual({ claimed: [], refused: [], picked: 0 });
      expect((await job(id)).status).toBe("running");
    });

    test("settles results while it claims, and reports which of them changed nothing", async () => {
      const ids = [await enqueue(), await enqueue(), await enqueue(), await enqueue()];
      const { claimed } = await claim();
      const [finished, failed, late, priceless] = ids.map((id) => leaseOf(claimed.find((each) => each.id === id)!));
      const next = await enqueue();
      const asset = { title: "Bees", content: "They hum.", content_type: "blog" as const, metadata: { words: 2 } };

      const answer = await claim({
        results: [
          completed(finished!, { output_data: { text: "ok" }, assets: [asset], usage: [used()] } as Partial<JobResult>),
          { ...failed!, outcome: "failed", error_code: "refused", error_message: "No.", retryable: false, usage: [] },
          completed({ ...late!, lease_token: nowhere.lease_token }),
          completed(priceless!, { usage: [used({ model: "nameless-1" })] }),
        ],
      });

      expect(answer.claimed.map(({ id }) => id)).toEqual([next]);
      expect(answer.refused.toSorted((one, other) => (one.code < other.code ? -1 : 1))).toEqual([
        { job_id: late!.job_id, code: "GW703" },
        { job_id: priceless!.job_id, code: "GW801" },
      ]);
      expect(await job(ids[0]!)).toMatchObject({ status: "completed", output_data: { text: "ok" }, cost: 0.6 });
      expect(await job(ids[1]!)).toMatchObject({ status: "failed", error_code: "refused", error_message: "No." });
      expect((await job(ids[2]!)).status).toBe("running");
      const { data: assets } = await user.client.from("content_assets").select().throwOnError();
      expect(assets).toMatchObject([{ agent_job_id: ids[0], ...asset, status: "review" }]);
    });

    test("gives a released job back, without an attempt", async () => {
      const id = await enqueue();
      const { claimed } = await claim();

      await queue.exchange({ ...nothing, results: [{ ...leaseOf(claimed[0]!), outcome: "released", usage: [] }] });

      expect(await job(id)).toMatchObject({ status: "pending", retry_count: 0 });
    });

    test.for<[string, Partial<Exchange>]>([
      ["more than 1000 at once", { batchSize: 1001 }],
      ["a lease of no time", { leaseSeconds: 0 }],
      ["an outcome that there is not", { results: [{ ...nowhere, outcome: "vanished" } as never] }],
    ])("refuses %s", async ([, request]) => {
      const error = await rejection(claim(request));

      expect(error).toBeInstanceOf(QueueError);
      expect(error).toMatchObject({ code: "GW708", isTransient: false, message: "A worker may not ask for this." });
    });
  });

  describe("heartbeat", () => {
    test("extends leases, and returns the jobs whose lease is still valid", async () => {
      const id = await enqueue();
      const { claimed } = await claim({ leaseSeconds: 1 });
      const lease = leaseOf(claimed[0]!);

      expect(await queue.heartbeat([lease, nowhere], 3600)).toEqual([id]);

      const [row] = await backend.database.query<{ is_longer: boolean }>(
        "select expires_at > now() + interval '50 minutes' as is_longer from groundwork.leases where job_id = $1",
        [id],
      );
      expect(row).toEqual({ is_longer: true });
      expect(await queue.heartbeat([{ ...lease, lease_token: nowhere.lease_token }], 60)).toEqual([]);
      expect(await queue.heartbeat([], 60)).toEqual([]);
    });

    test("refuses a lease of 0 seconds", async () => {
      expect(await rejection(queue.heartbeat([nowhere], 0))).toMatchObject({ code: "GW708", isTransient: false });
    });
  });

  describe("bookLateUsage", () => {
    test("books the cost of a job's request once", async () => {
      const id = await enqueue();
      await claim();
      await user.client.rpc("cancel_agent_job", { job_id: id }).throwOnError();
      const usage = [used()];

      for (let time = 0; time < 2; time += 1) await queue.bookLateUsage(id, usage);

      expect(await ledger()).toMatchObject([{ agent_job_id: id, cost: 0.6, model_used: "gpt-4o-mini" }]);
      expect(await job(id)).toMatchObject({ status: "cancelled", cost: 0.6 });
    });

    test.for([
      ["no uuid", [], "22P02"],
      [nowhere.job_id, [], "GW704"],
    ] as const)("refuses the job %s", async ([id, usage, code]) => {
      expect(await rejection(queue.bookLateUsage(id, [...usage]))).toMatchObject({ code, isTransient: false });
    });

    test("refuses usage of a model that has no price", async () => {
      const usage = [used({ model: "nameless-1" })];

      expect(await rejection(queue.bookLateUsage(await enqueue(), usage))).toMatchObject({ code: "GW801" });
    });
  });

  describe("prices", () => {
    test("are US dollars per unit, by usage kind, and null for a model without prices", async () => {
      expect(await queue.prices("gpt-4o-mini")).toEqual({
        input: 0.15e-6,
        cached_input: 0.075e-6,
        output: 0.6e-6,
        reasoning: 0.6e-6,
      });
      expect(await queue.prices("nameless-1")).toBeNull();
    });
  });

  describe("campaignFigures", () => {
    test("returns amounts and figures as the API does, only of the user's own campaigns", async () => {
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
      const all = await queue.campaignFigures(counted.user_id, null);

      const noCounts = { impressions: 0, clicks: 0, conversions: 0, roi: 0 };
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
          ...noCounts,
          ...noRates,
        },
      ]);
      const named = [silent.id, foreign.id];
      expect(await queue.campaignFigures(counted.user_id, named)).toEqual([all[1]]);
      expect((await user.client.rpc("get_campaign_figures", { for_user_id: counted.user_id })).error?.code).toBe(
        "42501",
      );
    });
  });

  describe("thoughtsToOrganize", () => {
    test("returns the thoughts of the job's user to the holder of its lease", async () => {
      const writer = await backend.signUp();
      await writer.client.from("thoughts").insert({ thought_text: "Not embedded yet" }).throwOnError();
      await writer.client.from("circles").insert({ circle_name: "Garden" }).throwOnError();
      const id = await enqueue({ agent_type: "thought_organizer", input_data: {} }, writer);
      const { claimed } = await claim({ agentTypes: ["thought_organizer"] });

      const thoughts = await queue.thoughtsToOrganize(leaseOf(claimed[0]!));

      expect(claimed[0]!.id).toBe(id);
      expect(thoughts).toMatchObject({
        unchanged: false,
        not_embedded: 1,
        thoughts: [],
        circles: [{ name: "Garden" }],
      });
    });

    test("refuses a worker without the lease", async () => {
      expect(await rejection(queue.thoughtsToOrganize(nowhere))).toMatchObject({ code: "GW703", isTransient: false });
    });
  });

  describe("memoriesToConsolidate", () => {
    test("returns the memories of the job's user to the holder of its lease", async () => {
      const rememberer = await backend.signUp();
      const memory = { content: "Drinks tea", source: "test" };
      await rememberer.client.from("personal_memories").insert(memory).throwOnError();
      const id = await enqueue({ agent_type: "memory_keeper", input_data: {} }, rememberer);
      const { claimed } = await claim({ agentTypes: ["memory_keeper"] });

      const memories = await queue.memoriesToConsolidate(leaseOf(claimed[0]!));

      expect(claimed[0]!.id).toBe(id);
      expect(memories).toEqual({ looked_at: [], memories: [], pairs: [], remaining: 0, without_vector: 1 });
    });

    test("refuses a worker without the lease", async () => {
      const refused = queue.memoriesToConsolidate(nowhere);

      expect(await rejection(refused)).toMatchObject({ code: "GW703", isTransient: false });
    });
  });

  const calls: Record<keyof JobQueue, (on: JobQueue) => Promise<unknown>> = {
    exchange: (on) => on.exchange(nothing),
    heartbeat: (on) => on.heartbeat([nowhere], 60),
    bookLateUsage: (on) => on.bookLateUsage(nowhere.job_id, []),
    prices: (on) => on.prices("offline"),
    campaignFigures: (on) => on.campaignFigures(user.user.id, null),
    memoriesToConsolidate: (on) => on.memoriesToConsolidate(nowhere),
    thoughtsToOrganize: (on) => on.thoughtsToOrganize(nowhere),
  };

  test.for(Object.entries(calls))("%s is refused for good to a role that may not use the queue", async ([, call]) => {
    const error = await rejection(call(way.forbidden));

    expect(error).toBeInstanceOf(QueueError);
    expect(error).toMatchObject({ code: "42501", isTransient: false });
  });

  test.for(Object.entries(calls))("%s reports an error that may pass if nobody answers", async ([, call]) => {
    const error = await rejection(call(way.away()));

    expect(error).toBeInstanceOf(QueueError);
    expect(error).toMatchObject({ code: way.awayCode, isTransient: true });
  });

  test("the same queue gives the same results", async () => {
    const ids = [await enqueue(), await enqueue()];
    const lost = await enqueue();

    const summary = await workOn(
      async ({ id }, { signal }) => {
        if (id !== lost) return { ...done, usage: [used({ quantity: 1 })] };
        await user.client.rpc("cancel_agent_job", { job_id: id }).throwOnError();
        return untilAborted(signal, [used()]);
      },
      { leaseSeconds: 1, agentTypes: ["seo_writer"] },
      queue,
    );

    expect(summary).toEqual({ completed: 2, failed: 0, released: 0, refused: 1 });
    for (const id of ids) expect((await job(id)).status).toBe("completed");
    expect(await job(lost)).toMatchObject({ status: "cancelled", cost: 0.6 });
  });
});
