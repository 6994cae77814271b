/**
 * Budgets and monthly limits: they are never exceeded by a millionth, and jobs that wait for a budget run when there is
 * one.
 */
import { describe, expect, test } from "vitest";
import { brokenInvariants } from "./setup/invariants.ts";
import { type Claimed, model, spending } from "./setup/results.ts";
import { createWorld, refusal, until } from "./setup/world.ts";

const world = await createWorld();
const { sql } = world;

/** Claims until no job is ready, as a worker that never ends a job. */
async function claimAll(at?: Date): Promise<Claimed[]> {
  const claimed: Claimed[] = [];
  for (let picked = 1; picked > 0;) {
    const answer = await world.exchange({ batch: 10, lease: 3600, at });
    claimed.push(...answer.claimed);
    picked = answer.picked;
  }
  return claimed;
}

const settle = (...results: Parameters<typeof spending>[]) =>
  world.exchange({ batch: 0, results: results.map((each) => spending(...each)) });

test("of 64 sessions that claim at once, ten get a job if the budget allows ten, in 100 rounds", async () => {
  const user = await world.user();
  const sessions = Array.from({ length: 64 }, () => world.session());
  await Promise.all(sessions.map((session) => session`select 1`));
  const watcher = world.session();
  const watch = { isOver: false };
  const watching = (async () => {
    let looks = 0;
    const over: unknown[] = [];
    while (!watch.isOver) {
      over.push(
        ...(await watcher`
          select budget, spend, reserved
          from public.campaigns as campaign
          cross join lateral (
            select sum(reserved) as reserved
            from groundwork.leases
            where campaign_id = campaign.id
          ) as leases
          where user_id = ${user} and spend + reserved > budget
        `),
      );
      looks++;
    }
    return { looks, over };
  })();
  const maxCost = 0.333333;

  const faults: unknown[] = [];
  for (let round = 0; round < 100; round++) {
    // In some rounds the budget is enough for ten jobs and almost for another one.
    const slack = round % 2 === 0 ? 0 : maxCost - 0.000001;
    const campaign = await world.campaign(user, 10 * maxCost + slack);
    await world.enqueue(user, { campaign_id: campaign, max_cost: maxCost }, 16);

    const claims = await Promise.all(
      sessions.map(async (session) => {
        const claimed: Claimed[] = [];
        for (let picked = 1; picked > 0;) {
          const batch = round % 4 < 2 ? 1 : 1 + Math.floor(Math.random() * 5);
          const answer = await world.exchange({ session, batch, lease: 3600 });
          claimed.push(...answer.claimed);
          picked = answer.picked;
        }
        return claimed;
      }),
    );
    const claimed = claims.flat();
    const { reserved } = await world.money(campaign);
    if (claimed.length !== 10 || reserved !== 3.33333) faults.push({ round, claimed: claimed.length, reserved });
    // All of it is spent, at once by many sessions. The rest is not changed.
    await Promise.all(
      claimed.map((job, index) =>
        world.exchange({ session: sessions[index]!, batch: 0, results: [spending(job, 333_333)] }),
      ),
    );
    const after = await world.money(campaign);
    if (after.spend !== 3.33333 || after.reserved !== 0) faults.push({ round, ...after });
    await sql`delete from public.campaigns where id = ${campaign}`;
  }
  watch.isOver = true;
  const { looks, over } = await watching;

  expect(faults).toEqual([]);
  expect(over).toEqual([]);
  expect(looks).toBeGreaterThan(100);
  expect(await brokenInvariants(sql)).toEqual([]);
}, 120_000);

test("a session that cannot see the reservations of others claims nothing", async () => {
  const claim = sql.begin("isolation level repeatable read", (transaction) => {
    return transaction`select public.exchange_agent_jobs('worker')`;
  });

  expect(await refusal(claim)).toBe("GW708");
});

describe("a job that a limit does not allow", () => {
  test("waits for its campaign's budget, and runs when the budget is raised", async () => {
    const user = await world.user();
    const campaign = await world.campaign(user, 0.499999);
    const [id] = await world.enqueue(user, [{ campaign_id: campaign, max_cost: 0.5 }]);

    expect(await claimAll()).toEqual([]);
    expect(await world.job(id!)).toMatchObject({ status: "pending", waiting_for: "campaign_budget" });
    await world.as(user, "update public.campaigns set budget = 0.5 where id = $1", [campaign]);

    expect(await claimAll()).toMatchObject([{ id }]);
    expect(await world.job(id!)).toMatchObject({ status: "running", waiting_for: null });
    await world.as(user, "select public.cancel_agent_job($1)", [id]);
  });

  test("runs when another job settles below its max_cost", async () => {
    const user = await world.user();
    const campaign = await world.campaign(user, 1);
    const [first, second] = await world.enqueue(user, { campaign_id: campaign, max_cost: 0.7 }, 2);
    const [running] = await claimAll();
    expect(running!.id).toBe(first);
    expect(await world.job(second!)).toMatchObject({ waiting_for: "campaign_budget" });

    await settle([running!, 300_000]);

    const [next] = await claimAll();
    expect(next!.id).toBe(second);
    await settle([next!, 0]);
    expect(await world.money(campaign)).toEqual({ budget: 1, spend: 0.3, reserved: 0 });
  });

  test("runs when the cost of a cancelled job is known, or the lease of that job has expired", async () => {
    const user = await world.user({ monthly_limit: 1 });
    const campaign = await world.campaign(user, 1);
    const ids = await world.enqueue(user, { campaign_id: campaign, max_cost: 0.6 }, 3);
    const cancel = (id: string) => world.as(user, "select public.cancel_agent_job($1)", [id]);
    const usage = sql.json([{ model, kind: "output", quantity: 300_000, request_id: crypto.randomUUID() }]);
    const at = new Date();
    expect(await claimAll(at)).toMatchObject([{ id: ids[0] }]);

    // Its request may still be in progress.
    await cancel(ids[0]!);
    expect(await claimAll(at)).toEqual([]);
    expect(await world.money(campaign)).toMatchObject({ spend: 0, reserved: 0.6 });
    await sql`select groundwork.book_late_usage(${ids[0]!}, ${usage}, ${at})`;
    expect(await world.money(campaign)).toMatchObject({ spend: 0, reserved: 0 });

    expect(await claimAll(at)).toMatchObject([{ id: ids[1] }]);
    await cancel(ids[1]!);
    expect(await claimAll(at)).toEqual([]);
    expect(await claimAll(new Date(at.getTime() + 3_600_000))).toMatchObject([{ id: ids[2] }]);
    expect(await world.month(user)).toEqual({ spent: 0.3, reserved: 0.6 });
    await sql`delete from auth.users where id = ${user}`;
    expect(await sql`select from groundwork.leases where user_id = ${user}`).toEqual([]);
  });

  test("runs when the ledger is corrected", async () => {
    const user = await world.user();
    const campaign = await world.campaign(user, 1);
    const [first, second] = await world.enqueue(user, { campaign_id: campaign, max_cost: 0.6 }, 2);
    const [running] = await claimAll();
    await settle([running!, 600_000]);
    expect(await claimAll()).toEqual([]);

    await sql`
      insert into public.budget_entries (user_id, resource_type, cost, agent_job_id, campaign_id, description)
      values (${user}, 'openai_api', -0.2, ${first!}, ${campaign}, 'A refund')
    `;

    expect(await claimAll()).toMatchObject([{ id: second }]);
    expect(await world.money(campaign)).toEqual({ budget: 1, spend: 0.4, reserved: 0.6 });
    await world.as(user, "select public.cancel_agent_job($1)", [second]);
  });

  test("lets the next job run when it is cancelled after it was woken", async () => {
    const user = await world.user();
    const campaign = await world.campaign(user, 0);
    const [first, second] = await world.enqueue(user, { campaign_id: campaign, max_cost: 0.6 }, 2);
    expect(await claimAll()).toEqual([]);
    await world.as(user, "update public.campaigns set budget = 1 where id = $1", [campaign]);

    await world.as(user, "select public.cancel_agent_job($1)", [first]);

    expect(await claimAll()).toMatchObject([{ id: second }]);
    await world.as(user, "select public.cancel_agent_job($1)", [second]);
  });

  test("waits while its campaign is paused; when it is resumed, all its jobs run, even those that cost nothing", async () => {
    const user = await world.user();
    const campaign = await world.campaign(user, 1);
    const set = (status: string) =>
      world.as(user, "update public.campaigns set status = $2::public.campaign_status where id = $1", [
        campaign,
        status,
      ]);
    await set("paused");
    const ids = await world.enqueue(user, { campaign_id: campaign, max_cost: 0 }, 120);
    expect(await claimAll()).toEqual([]);
    expect(new Set((await world.jobs(ids)).map(({ waiting_for }) => waiting_for))).toEqual(
      new Set(["campaign_paused"]),
    );

    await set("active");

    const claimed = await claimAll();
    expect(claimed.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    await world.exchange({ batch: 0, results: claimed.map((job) => spending(job, 0)) });
  });

  test("waits for the monthly limit, and runs when the limit is raised", async () => {
    const user = await world.user({ monthly_limit: 1 });
    const ids = await world.enqueue(user, { max_cost: 0.6 }, 2);
    const [running, ...others] = await claimAll();
    expect([running!.id, others]).toEqual([ids[0], []]);
    expect(await world.job(ids[1]!)).toMatchObject({ waiting_for: "monthly_limit" });
    expect(await world.month(user)).toEqual({ spent: 0, reserved: 0.6 });

    await sql`update public.user_spend_limits set monthly_limit = 1.2 where user_id = ${user}`;

    const [second] = await claimAll();
    expect(second!.id).toBe(ids[1]);
    await settle([running!, 600_000], [second!, 0, "failed"]);
    expect(await world.month(user)).toEqual({ spent: 0.6, reserved: 0 });
    await world.as(user, "select public.cancel_agent_job($1)", [second!.id]);
  });

  test("runs in the next month, which has a limit of its own", async () => {
    const user = await world.user({ monthly_limit: 1 });
    const ids = await world.enqueue(user, { max_cost: 0.6 }, 2);
    const now = new Date();
    const nextMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1));
    const [running] = await claimAll(now);
    await settle([running!, 600_000]);
    expect(await claimAll(new Date(nextMonth.getTime() - 1))).toEqual([]);

    const [second] = await claimAll(nextMonth);

    expect(second!.id).toBe(ids[1]);
    expect(await world.month(user, nextMonth)).toEqual({ spent: 0, reserved: 0.6 });
    expect(await world.month(user, now)).toEqual({ spent: 0.6, reserved: 0.6 });
    await world.exchange({ batch: 0, results: [spending(second!, 500_000)], at: nextMonth });
    expect(await world.month(user, nextMonth)).toEqual({ spent: 0.5, reserved: 0 });
  });

  test("waits for a job that began in the month before, whose cost counts for this month", async () => {
    const user = await world.user({ monthly_limit: 1 });
    await world.enqueue(user, { max_cost: 0.6 }, 2);
    const now = new Date();
    const nextMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1));
    const [first] = await claimAll(new Date(nextMonth.getTime() - 1));

    expect(await claimAll(nextMonth)).toEqual([]);

    await world.exchange({ batch: 0, results: [spending(first!, 100_000)], at: nextMonth });
    const [second] = await claimAll(nextMonth);
    await world.exchange({ batch: 0, results: [spending(second!, 600_000)], at: nextMonth });
    expect(await world.month(user, nextMonth)).toEqual({ spent: 0.7, reserved: 0 });
  });

  test("is settled, whatever ad spend the user enters", async () => {
    const user = await world.user();
    const campaign = await world.campaign(user, 999_999_999_999);
    const [id] = await world.enqueue(user, [{ campaign_id: campaign, max_cost: 0.6 }]);
    const [job] = await claimAll(new Date());
    for (let entry = 0; entry < 2; entry++) {
      await world.as(
        user,
        "insert into public.budget_entries (resource_type, cost, campaign_id) values ('ad_spend', 999999999999.999999, $1)",
        [campaign],
      );
    }

    await settle([job!, 500_000]);

    expect(await world.job(id!)).toMatchObject({ status: "completed", cost: 0.5 });
  });

  test("is checked again within an hour, even without an event that raises a limit", async () => {
    const user = await world.user();
    await sql`update public.user_spend_limits set monthly_limit = null where user_id = ${user}`;
    await sql`update groundwork.settings set monthly_limit = 0`;
    const at = new Date();
    const [id] = await world.enqueue(user, [{ max_cost: 0.6 }]);
    expect(await claimAll(at)).toEqual([]);

    await sql`update groundwork.settings set monthly_limit = 20`;

    expect(await claimAll(new Date(at.getTime() + 3_600_000))).toMatchObject([{ id }]);
    await world.as(user, "select public.cancel_agent_job($1)", [id]);
  });
});

describe("settling", () => {
  test("charges the campaign at most the reserved amount; the rest is in the ledger without a campaign", async () => {
    const user = await world.user();
    const campaign = await world.campaign(user, 0.5);
    const [id] = await world.enqueue(user, [{ campaign_id: campaign, max_cost: 0.5 }]);
    const [job] = await claimAll();
    const entry = (quantity: number) => ({ model, kind: "output" as const, quantity, request_id: crypto.randomUUID() });

    await world.exchange({
      batch: 0,
      results: [{ ...spending(job!, 0), usage: [entry(400_000), entry(200_000), entry(50_000)] }],
    });

    expect(await world.money(campaign)).toEqual({ budget: 0.5, spend: 0.4, reserved: 0 });
    expect(await world.job(id!)).toMatchObject({ status: "completed", cost: 0.65, tokens_used: 650_000 });
    expect(await world.month(user)).toEqual({ spent: 0.65, reserved: 0 });
    const entries = await sql`
      select cost, campaign_id from public.budget_entries where agent_job_id = ${id!} order by cost desc
    `;
    expect([...entries]).toEqual([
      { cost: 0.4, campaign_id: campaign },
      { cost: 0.2, campaign_id: null },
      { cost: 0.05, campaign_id: null },
    ]);
  });

  test("refuses a model without a price and changes nothing; other results of the same call count", async () => {
    const user = await world.user();
    const campaign = await world.campaign(user, 1);
    await world.enqueue(user, { campaign_id: campaign, max_cost: 0.2 }, 2);
    const [one, other] = await claimAll();
    const unknown = {
      ...spending(one!, 0),
      usage: [{ model: "homebrew", kind: "output" as const, quantity: 1, request_id: "r" }],
    };

    const answer = await world.exchange({ batch: 0, results: [unknown, spending(other!, 100_000)] });

    expect(answer.refused).toEqual([{ job_id: one!.id, code: "GW801" }]);
    expect(await world.jobs([one!.id, other!.id])).toMatchObject([
      { status: "running", cost: 0 },
      { status: "completed", cost: 0.1 },
    ]);
    expect(await world.money(campaign)).toEqual({ budget: 1, spend: 0.1, reserved: 0.2 });
    expect((await world.exchange({ batch: 0, results: [spending(one!, 1)] })).refused).toEqual([]);
  });

  test("books the same request of a provider once", async () => {
    const user = await world.user();
    const [id] = await world.enqueue(user, [{ max_cost: 1 }]);
    const [job] = await claimAll();
    const result = spending(job!, 1000);

    await world.exchange({ batch: 0, results: [{ ...result, usage: [...result.usage!, ...result.usage!] }] });
    await sql`select groundwork.book_late_usage(${id!}, ${sql.json(result.usage as never)}, now())`;

    expect(await world.job(id!)).toMatchObject({ status: "completed", cost: 0.001 });
  });

  test("books the cost of failed attempts, and the next attempt has the rest of max_cost", async () => {
    const user = await world.user();
    const campaign = await world.campaign(user, 1);
    const [id] = await world.enqueue(user, [{ campaign_id: campaign, max_cost: 0.5, max_retries: 1 }]);
    const at = new Date();
    const later = new Date(at.getTime() + 3_600_000);

    const [first] = await claimAll(at);
    await world.exchange({ batch: 0, results: [spending(first!, 200_000, "failed")], at });
    const [second] = await claimAll(later);

    expect(second).toMatchObject({ id, retry_count: 1, max_cost: 0.3 });
    expect(await world.money(campaign)).toEqual({ budget: 1, spend: 0.2, reserved: 0.3 });
    await world.exchange({ batch: 0, results: [spending(second!, 100_000, "failed")], at: later });
    expect(await world.job(id!)).toMatchObject({ status: "failed", cost: 0.3, retry_count: 1 });
    await world.as(user, "select public.retry_agent_job($1)", [id]);
    const [third] = await claimAll(later);
    expect(third).toMatchObject({ id, retry_count: 0, max_cost: 0.2 });
    await world.exchange({ batch: 0, results: [spending(third!, 0)], at: later });
  });

  test("books late usage without a campaign, and refuses it for an unknown job or model", async () => {
    const user = await world.user();
    const campaign = await world.campaign(user, 1);
    const [id] = await world.enqueue(user, [{ campaign_id: campaign, max_cost: 0.5 }]);
    const [job] = await claimAll();
    await world.as(user, "select public.cancel_agent_job($1)", [id]);
    const book = (jobId: string, of: string) =>
      sql`select groundwork.book_late_usage(
        ${jobId},
        ${sql.json([{ model: of, kind: "output", quantity: 7000, request_id: "late" }])},
        now()
      )`;

    expect((await settle([job!, 7000])).refused).toEqual([{ job_id: id, code: "GW703" }]);
    await book(id!, model);

    expect(await world.job(id!)).toMatchObject({ status: "cancelled", cost: 0.007, tokens_used: 7000 });
    expect(await world.money(campaign)).toEqual({ budget: 1, spend: 0, reserved: 0 });
    expect(await world.month(user)).toEqual({ spent: 0.007, reserved: 0 });
    expect(await refusal(book(id!, "homebrew"))).toBe("GW801");
    expect(await refusal(book(crypto.randomUUID(), model))).toBe("GW704");
  });

  test("rates with the price that was valid at that time, and rounds up to the next millionth", async () => {
    const user = await world.user();
    await world.enqueue(user, { max_cost: 1 }, 2);
    const jobs = await claimAll();
    const dear = `dear ${crypto.randomUUID()}`;
    const at = new Date();
    for (const [price, from] of [
      [0.15, new Date(at.getTime() - 1000)],
      [900, new Date(at.getTime() + 1000)],
    ] as const) {
      await sql`select groundwork.set_model_price(${dear}, 'output', ${price}, 1000000, ${from})`;
    }
    const use = (job: Claimed) => ({
      ...spending(job, 0),
      usage: [{ model: dear, kind: "output" as const, quantity: 7, request_id: crypto.randomUUID() }],
    });

    await world.exchange({ batch: 0, results: [use(jobs[0]!)], at });
    await world.exchange({ batch: 0, results: [use(jobs[1]!)], at: new Date(at.getTime() + 2000) });

    // 7 × 0.15 millionths are 1.05 millionths.
    expect(await world.jobs(jobs.map(({ id }) => id))).toMatchObject([{ cost: 0.000002 }, { cost: 0.0063 }]);
  });
});

describe("users", () => {
  test("can lower a budget to what is spent and reserved, and no further", async () => {
    const user = await world.user();
    const campaign = await world.campaign(user, 1);
    const [id] = await world.enqueue(user, [{ campaign_id: campaign, max_cost: 0.5 }]);
    await claimAll();
    const set = (budget: number) =>
      world.as(user, "update public.campaigns set budget = $2::text::numeric where id = $1", [
        campaign,
        String(budget),
      ]);

    expect(await refusal(set(0.499999))).toBe("GW802");
    expect(await refusal(set(0.5))).toBe("not refused");
    await world.as(user, "select public.cancel_agent_job($1)", [id]);
    expect(await refusal(set(0))).toBe("GW802");
    await claimAll(new Date(Date.now() + 3_600_000));
    expect(await refusal(set(0))).toBe("not refused");
  });

  test("and their campaigns can be deleted while workers run, and every session continues", async () => {
    const [user, other] = [await world.user(), await world.user()];
    const campaigns = await Promise.all(Array.from({ length: 20 }, () => world.campaign(user, 1000)));
    for (const campaign of campaigns) {
      await world.enqueue(user, { campaign_id: campaign, max_cost: 0.5, max_retries: 0 }, 20);
    }
    await world.enqueue(other, { max_cost: 0.5 }, 100);
    const watch = { isOver: false };
    let deadlocks = 0;
    // If a call meets a deadlock with a deletion, it fails with 40P01 and changes nothing. The call is repeated.
    const persist = async <T>(call: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          return await call();
        } catch (error) {
          if ((error as { code?: string }).code !== "40P01") throw error;
          deadlocks++;
        }
      }
    };
    const loops = Array.from({ length: 12 }, async () => {
      const session = world.session();
      let claimed: Claimed[] = [];
      while (!watch.isOver) {
        const results = claimed.map((job) => spending(job, 1000));
        ({ claimed } = await persist(() => world.exchange({ session, results, batch: 4, lease: 3600 })));
      }
      await persist(() =>
        world.exchange({ session, results: claimed.map((job) => spending(job, 1000, "released")), batch: 0 }),
      );
    });
    const deleter = world.session();

    for (const campaign of campaigns) await persist(() => deleter`delete from public.campaigns where id = ${campaign}`);
    await persist(() => deleter`delete from auth.users where id = ${user}`);
    await until(
      async () =>
        (await sql`select from public.agent_jobs where user_id = ${other} and status <> 'completed'`).length === 0,
      "the other's jobs are done",
    );
    watch.isOver = true;
    await Promise.all(loops);

    expect(await sql`select from public.agent_jobs where user_id = ${user}`).toHaveLength(0);
    expect(await sql`select from groundwork.job_queue`).toHaveLength(0);
    expect(await sql`select from groundwork.leases where user_id in (${user}, ${other})`).toHaveLength(0);
    expect(await brokenInvariants(sql)).toEqual([]);
    console.log(`${deadlocks} deadlocks`);
  });
});
