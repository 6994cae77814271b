/** Which jobs are claimed, in which order, and the cost of a claim. */
import { describe, expect, test } from "vitest";
import { brokenInvariants } from "./setup/invariants.ts";
import { spending } from "./setup/results.ts";
import { createWorld, refusal, until } from "./setup/world.ts";

const world = await createWorld();
const { sql } = world;

/** Deletes all users and their jobs, between two tests. */
const clear = () => sql`delete from auth.users`;

describe("a poison job", () => {
  test("whose worker ends each time without a result is failed after its retries, and blocks no other", async () => {
    await clear();
    const [user, other] = [await world.user(), await world.user()];
    const campaign = await world.campaign(user, 1);
    const [poison] = await world.enqueue(user, [
      { campaign_id: campaign, max_cost: 0.5, max_retries: 3, priority: 100 },
    ]);
    const good = [...(await world.enqueue(user, {}, 10)), ...(await world.enqueue(other, {}, 10))];

    let attempts = 0;
    let at = Date.now();
    for (let call = 0; call < 20; call++) {
      at += 2000;
      const { claimed } = await world.exchange({ worker: "fragile", batch: 4, lease: 1, at: new Date(at) });
      attempts += claimed.filter(({ id }) => id === poison).length;
      const results = claimed.filter(({ id }) => id !== poison).map((job) => spending(job, 0));
      await world.exchange({ batch: 0, results, at: new Date(at) });
    }

    expect(attempts).toBe(4);
    expect(await world.job(poison!)).toMatchObject({
      status: "failed",
      retry_count: 3,
      error_code: "lease_expired",
      error_message: "The worker fragile did not answer before its lease expired.",
    });
    expect(new Set((await world.jobs(good)).map(({ status }) => status))).toEqual(new Set(["completed"]));
    expect(await world.money(campaign)).toEqual({ budget: 1, spend: 0, reserved: 0 });
    expect(await brokenInvariants(sql)).toEqual([]);
  });

  test("that fails each time is tried again after longer and longer pauses, then is failed", async () => {
    await clear();
    const user = await world.user();
    const [poison] = await world.enqueue(user, [{ max_retries: 3 }]);
    const [good] = await world.enqueue(user, [{ priority: -100 }]);
    let at = Date.now();
    const delays: number[] = [];

    for (let attempt = 0; attempt < 4; attempt++) {
      const { claimed } = await world.exchange({ at: new Date(at) });
      expect(claimed).toMatchObject([{ id: poison, retry_count: attempt }]);
      await world.exchange({
        batch: 0,
        results: [{ ...spending(claimed[0]!, 0, "failed"), error_message: "No." }],
        at: new Date(at),
      });
      const [{ run_after } = { run_after: null }] = await sql<{ run_after: Date | null }[]>`
        select run_after from public.agent_jobs where id = ${poison!}
      `;
      if (run_after === null) continue;
      delays.push(run_after.getTime() - at);
      if (attempt === 0) {
        const meanwhile = await world.exchange({ batch: 5, at: new Date(run_after.getTime() - 1) });
        expect(meanwhile.claimed).toMatchObject([{ id: good }]);
        await world.exchange({ batch: 0, results: [spending(meanwhile.claimed[0]!, 0)] });
      }
      at = run_after.getTime() + 1;
    }

    expect(await world.job(poison!)).toMatchObject({
      status: "failed",
      retry_count: 3,
      error_code: "worker_failed",
      error_message: "No.",
    });
    expect(delays).toHaveLength(3);
    for (const [retries, delay] of delays.entries()) {
      expect(delay).toBeGreaterThanOrEqual(2500 * 2 ** retries);
      expect(delay).toBeLessThanOrEqual(5000 * 2 ** retries);
    }
    expect((await world.exchange({ batch: 10, at: new Date(at + 86_400_000) })).claimed).toEqual([]);
  });
});

describe("claiming", () => {
  /** Returns what one claim reads: buffers, and scans by table. */
  async function costOfClaim() {
    const claim = "select groundwork.exchange_agent_jobs('reader', '[]', 10, 60, null, now())";
    // The first calls of a session plan their statements.
    for (let call = 0; call < 3; call++) await sql.unsafe(claim);
    const scans = async () => {
      await sql`select pg_stat_force_next_flush()`;
      const rows = await sql<{ relname: string; seq_scan: number; idx_scan: number }[]>`
        select relname, seq_scan, idx_scan from pg_stat_user_tables where relname in ('agent_jobs', 'job_queue', 'leases')
      `;
      return Object.fromEntries(rows.map(({ relname, seq_scan, idx_scan }) => [relname, { seq_scan, idx_scan }]));
    };
    const before = await scans();
    const [explained] = await sql.unsafe<{ "QUERY PLAN": [{ Plan: Record<string, number> }] }[]>(
      `explain (analyze, buffers, format json) ${claim}`,
    );
    const after = await scans();
    const top = explained!["QUERY PLAN"][0].Plan;
    const increase = (table: string, kind: "seq_scan" | "idx_scan") => after[table]![kind] - before[table]![kind];
    return {
      buffers: top["Shared Hit Blocks"]! + top["Shared Read Blocks"]!,
      sequential:
        increase("agent_jobs", "seq_scan") + increase("job_queue", "seq_scan") + increase("leases", "seq_scan"),
      probesOfJobs: increase("agent_jobs", "idx_scan"),
      probesOfQueue: increase("job_queue", "idx_scan") + increase("leases", "idx_scan"),
    };
  }

  test("from an empty queue needs a few index probes, with 10 finished jobs as with 100,000", async () => {
    await clear();
    const user = await world.user();
    const finish = (count: number) => sql`
      insert into public.agent_jobs (user_id, agent_type, status, input_data)
      select ${user}, 'analyst', 'completed', '{}' from generate_series(1, ${count}::integer)
    `;
    await finish(10);
    await sql`vacuum analyze groundwork.job_queue`;
    await sql`vacuum analyze groundwork.leases`;
    const small = await costOfClaim();

    await finish(99_990);
    await sql`analyze public.agent_jobs`;
    const large = await costOfClaim();

    expect(large).toEqual(small);
    expect(large).toMatchObject({ sequential: 0, probesOfJobs: 0 });
    // One probe for each question: is a lease expired, is a job due, is one ready after the user served last, is any
    // ready?
    expect(large.probesOfQueue).toBeLessThanOrEqual(4);
    expect(large.buffers).toBeLessThan(20);
  });

  test("serves a user's only job beside another user's 10,000 within two calls of a session", async () => {
    await clear();
    const [busy, quiet] = [await world.user(), await world.user()];
    await world.enqueue(busy, { priority: 100 }, 10_000);

    for (const [batch, sessions] of [
      [1, 1],
      [10, 1],
      [1, 6],
      [10, 6],
    ] as const) {
      const [only] = await world.enqueue(quiet, [{ priority: -100 }]);
      const claims = await Promise.all(
        Array.from({ length: sessions }, async () => {
          const session = world.session();
          const first = await world.exchange({ session, batch, lease: 3600 });
          const second = await world.exchange({ session, batch, lease: 3600 });
          return [...first.claimed, ...second.claimed];
        }),
      );

      expect(claims.flat().filter(({ id }) => id === only)).toHaveLength(1);
      // No user's share is lost.
      expect(claims.flat()).toHaveLength(2 * batch * sessions);
    }
  });

  test("gives several users the same share of a batch, and gives unused shares to the others", async () => {
    await clear();
    const users = await Promise.all(Array.from({ length: 3 }, () => world.user()));
    for (const [index, count] of [50, 50, 1].entries()) await world.enqueue(users[index]!, {}, count);

    const { claimed } = await world.exchange({ batch: 9 });

    const counts = users.map((user) => claimed.filter(({ user_id }) => user_id === user).length);
    expect(counts[2]).toBe(1);
    expect(counts.toSorted()).toEqual([1, 4, 4]);
  });

  test("takes a user's jobs by priority, then by age", async () => {
    await clear();
    const user = await world.user();
    const priorities = [0, 5, -3, 5, 0, 100, -100, 5];
    const ids = await world.enqueue(
      user,
      priorities.map((priority) => ({ priority })),
    );

    const claimed: string[] = [];
    for (const batch of [1, 3, 1, 3]) claimed.push(...(await world.exchange({ batch })).claimed.map(({ id }) => id));

    expect(claimed).toEqual([5, 1, 3, 7, 0, 4, 2, 6].map((index) => ids[index]));
  });

  test("continues with the next user if another session is picking jobs of one", async () => {
    await clear();
    const users = [await world.user(), await world.user()].toSorted();
    const ids: string[] = [];
    for (const user of users) ids.push(...(await world.enqueue(user, [{}])));
    const [one, other] = [world.session(), world.session()];
    const nobody = "00000000-0000-0000-0000-000000000000";
    for (const session of [one, other])
      await session`select set_config('groundwork.last_served_user', ${nobody}, false)`;

    await one`begin`;
    const first = await world.exchange({ session: one });
    const second = await world.exchange({ session: other });
    await one`rollback`;

    expect(first.claimed).toMatchObject([{ id: ids[0] }]);
    expect(second).toMatchObject({ claimed: [{ id: ids[1] }], picked: 1 });
  });

  test("does not count jobs that are not due, and counts all of them when they are", async () => {
    await clear();
    const user = await world.user();
    const at = Date.now();
    const [later] = await world.enqueue(user, [{ run_after: new Date(at + 60_000) }]);

    expect((await world.exchange({ batch: 5, at: new Date(at + 59_000) })).picked).toBe(0);
    expect((await world.exchange({ batch: 5, at: new Date(at + 60_000) })).claimed).toMatchObject([{ id: later }]);
  });
});

describe("a quota", () => {
  test("is kept when several calls ask for the last places at once", async () => {
    await clear();
    const user = await world.user({ max_queued_jobs: 10 });
    const jobs = JSON.stringify(Array.from({ length: 6 }, () => ({ agent_type: "analyst", input_data: {} })));
    const calls = Array.from({ length: 6 }, async () => {
      const session = world.session();
      await session`select set_config('request.jwt.claims', ${JSON.stringify({ sub: user })}, false)`;
      return refusal(session.unsafe("select groundwork.enqueue_agent_jobs($1::text::jsonb, now())", [jobs]));
    });

    expect((await Promise.all(calls)).toSorted()).toEqual([...Array(5).fill("GW706"), "not refused"]);
    expect(await sql`select from groundwork.job_queue`).toHaveLength(6);
  });

  test("includes jobs that were given back", async () => {
    await clear();
    const user = await world.user({ max_queued_jobs: 10 });
    await world.enqueue(user, {}, 9);
    const { claimed } = await world.exchange({ batch: 9 });
    await world.enqueue(user, {}, 2);

    await world.exchange({ batch: 0, results: claimed.map((job) => spending(job, 0, "released")) });

    expect(await sql`select from groundwork.job_queue`).toHaveLength(11);
    expect(await refusal(world.enqueue(user, [{}]))).toBe("GW706");
  });
});

describe("a job", () => {
  test("that waits or runs can be deleted with all others of its user, which releases its reservation", async () => {
    await clear();
    const user = await world.user({ monthly_limit: 1 });
    const campaign = await world.campaign(user, 0.6);
    await world.enqueue(user, { campaign_id: campaign, max_cost: 0.6 }, 3);
    await world.enqueue(user, { max_cost: 0.4 }, 3);
    while ((await world.exchange({ batch: 3, lease: 3600 })).picked > 0);
    const waiting = await sql`select distinct waiting_for from public.agent_jobs where status = 'pending' order by 1`;
    expect(waiting.map(({ waiting_for }) => waiting_for)).toEqual(["campaign_budget", "monthly_limit"]);

    await sql`delete from public.agent_jobs where user_id = ${user}`;

    expect(await world.money(campaign)).toMatchObject({ reserved: 0 });
    expect(await world.month(user)).toEqual({ spent: 0, reserved: 0 });
    expect(await sql`select from groundwork.job_queue union all select from groundwork.leases`).toHaveLength(0);
    expect(await brokenInvariants(sql)).toEqual([]);
  });

  test("is deleted with its user's account, in any state", async () => {
    await clear();
    const user = await world.user({ monthly_limit: 1 });
    for (const budget of [0.2, 0.3]) {
      const campaign = await world.campaign(user, budget);
      await world.enqueue(user, { campaign_id: campaign, max_cost: budget }, 3);
    }
    await world.enqueue(user, { max_cost: 0.4 }, 3);
    while ((await world.exchange({ batch: 3, lease: 3600 })).picked > 0);
    const running = await sql`select distinct campaign_id from public.agent_jobs where status = 'running'`;
    expect(running).toHaveLength(3);

    await sql`delete from auth.users where id = ${user}`;

    expect(
      await sql`
        select from groundwork.job_queue union all select from groundwork.leases union all select from public.agent_jobs
      `,
    ).toHaveLength(0);
  });

  test.for(["claimed", "given back"])("can be cancelled even while it is being %s", async (moved) => {
    await clear();
    const user = await world.user();
    const [id] = await world.enqueue(user, [{}]);
    const session = world.session();
    const claim = () => world.exchange({ session });
    const { claimed } = moved === "claimed" ? { claimed: [] } : await claim();

    await session`begin`;
    if (moved === "claimed") await claim();
    else await world.exchange({ session, batch: 0, results: [spending(claimed[0]!, 0, "released")] });
    const cancelled = world.as(user, "select public.cancel_agent_job($1)", [id]);
    const waiting = () => session`select from pg_locks where not granted`;
    await until(async () => (await waiting()).length > 0, "the cancellation waits");
    await session`commit`;
    await cancelled;

    expect(await world.job(id!)).toMatchObject({ status: "cancelled" });
    expect(await brokenInvariants(sql)).toEqual([]);
  });

  test("that the owner of the schema wrote, and no user queued, is not cancelled", async () => {
    await clear();
    const user = await world.user();
    const [job] = await sql<[{ id: string }]>`
      insert into public.agent_jobs (user_id, agent_type, input_data) values (${user}, 'analyst', '{}') returning id
    `;

    expect(await refusal(world.as(user, "select public.cancel_agent_job($1)", [job.id]))).toBe("GW702");
  });

  test("can be retried by its owner only if it has failed, not while it waits or runs", async () => {
    await clear();
    const user = await world.user();
    const [id] = await world.enqueue(user, [{ max_retries: 0 }]);
    const retry = () => refusal(world.as(user, "select public.retry_agent_job($1)", [id]));
    const states: string[] = [];
    const attempt = async () => states.push((await world.job(id!)).status, await retry());

    await attempt();
    const { claimed } = await world.exchange();
    await attempt();
    await world.exchange({ batch: 0, results: [spending(claimed[0]!, 0, "failed")] });
    await attempt();
    await world.as(user, "select public.cancel_agent_job($1)", [id]);
    await attempt();

    expect(states).toEqual(["pending", "GW702", "running", "GW702", "failed", "not refused", "cancelled", "GW702"]);
  });
});

test("waiting jobs are deleted with their user or campaign, and none is woken for it", async () => {
  await clear();
  const user = await world.user();
  const campaign = await world.campaign(user, 0.5);
  await world.enqueue(user, { campaign_id: campaign, max_cost: 1 }, 30);
  await world.exchange({ batch: 30 });

  const other = world.session();
  await other`set track_functions = 'all'`;
  const calls = await other.begin(async (transaction) => {
    await transaction`delete from public.users where id = ${user}`;
    return transaction<{ funcname: string }[]>`
      select funcname from pg_stat_xact_user_functions
      where funcname in ('dequeue_deleted_job', 'wake_jobs_of_users', 'wake_waiting_jobs')
    `;
  });

  expect(calls.map(({ funcname }) => funcname)).toEqual(["dequeue_deleted_job"]);
  expect(await sql`select from groundwork.job_queue`).toHaveLength(0);
});
