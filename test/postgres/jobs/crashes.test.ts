/** Workers that are killed, sessions that are ended, a server that crashes: every job is still completed once. */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { brokenInvariants, violationsAfterAll } from "./setup/invariants.ts";
import { startServer } from "./setup/server.ts";
import { type SqlWorkerReport, runSqlWorker } from "./setup/sql-worker.ts";
import { completed } from "./setup/results.ts";
import { type World, createWorld, openWorld, until } from "./setup/world.ts";

const cost = 0.00045;
const maxCost = 0.001;

/** Makes ten users with two campaigns each. One of the campaigns has a budget for 25 jobs at once. */
async function queueJobs(world: World, jobCount: number): Promise<void> {
  const perCampaign = jobCount / 20;
  for (let index = 0; index < 10; index++) {
    const user = await world.user();
    for (const room of [25, perCampaign]) {
      const campaign_id = await world.campaign(user, perCampaign * cost + room * maxCost);
      const common = { campaign_id, max_cost: maxCost, max_retries: 20 };
      await world.enqueue(
        user,
        Array.from({ length: perCampaign }, (_, job) => Object.assign({ priority: job % 3 }, common)),
      );
    }
  }
}

/** Makes a world that does not wait for its disk, for tests in which the server does not crash. */
async function createFastWorld(): Promise<World> {
  const world = await createWorld(onTestFinished);
  await world.sql.unsafe(`alter database "${new URL(world.url).pathname.slice(1)}" set synchronous_commit = off`);
  return world;
}

const unfinished = async ({ sql }: World) =>
  (
    await sql<{ count: number }[]>`
      select (select count(*) from groundwork.job_queue)::integer + (select count(*) from groundwork.leases)::integer as count
    `
  )[0]!.count;

/** Starts workers in this process. */
function startWorkers(url: string, count: number, options: { batch: number; leaseSeconds: number; maxWorkMs: number }) {
  let isOver = false;
  const reports = Promise.all(
    Array.from({ length: count }, (_, index) =>
      runSqlWorker({
        url,
        worker: `here.${index}`,
        batch: options.batch,
        leaseSeconds: options.leaseSeconds,
        // One worker in eight sometimes takes longer than its lease.
        workMs: () => (index % 8 === 0 && Math.random() < 0.1 ? options.maxWorkMs : Math.random() * 10),
        isOver: () => isOver,
      }),
    ),
  );
  // The rejection is handled when somebody awaits it.
  reports.catch(() => {});
  return {
    /** Rejects as soon as a worker fails. */
    failed: reports.then(() => new Promise<never>(() => {})),
    stop: async (): Promise<{ refused: Record<string, number>; losses: number }> => {
      isOver = true;
      return sumUp(await reports);
    },
  };
}

function sumUp(reports: SqlWorkerReport[]) {
  const refused: Record<string, number> = {};
  for (const report of reports) {
    for (const [code, count] of Object.entries(report.refused)) refused[code] = (refused[code] ?? 0) + count;
  }
  return { refused, losses: reports.reduce((sum, { losses }) => sum + losses, 0) };
}

describe("5,000 jobs and 64 workers", () => {
  test("each job is completed once, although processes are killed, sessions are ended and leases expire", async () => {
    const world = await createFastWorld();
    await queueJobs(world, 5000);
    const start = (index: number) => {
      const child = spawn(process.execPath, [
        "test/postgres/jobs/setup/worker-process.ts",
        world.url,
        `process ${index}`,
        "4",
      ]);
      child.stderr.on("data", (data: Buffer) => complaints.push(data.toString()));
      return child;
    };
    const complaints: string[] = [];
    const children: ChildProcess[] = Array.from({ length: 8 }, (_, index) => start(index));
    const here = startWorkers(world.url, 32, { batch: 3, leaseSeconds: 2, maxWorkMs: 2500 });
    let kills = 0;
    let cuts = 0;

    const drained = until(async () => (await unfinished(world)) === 0, "the queue is empty", 80);
    const watch = { isOver: false };
    const end = () => (watch.isOver = true);
    drained.then(end, end);
    const cutter = world.session();
    while (!watch.isOver) {
      await setTimeout(800);
      // This picks a session that is working, not one that is just starting.
      const [busy] = await cutter<{ name: string }[]>`
        select substring(worker_id from 'process \\d+') as name
        from groundwork.leases
        where worker_id like 'process %'
        order by random()
        limit 1
      `;
      if (busy) {
        const index = Number(busy.name.split(" ")[1]);
        children[index]!.kill("SIGKILL");
        children[index] = start(index);
        kills++;
      }
      const cut = await cutter`
        select pg_terminate_backend(pid)
        from pg_stat_activity
        where datname = current_database() and application_name like 'worker here%'
        order by random()
        limit 3
      `;
      cuts += cut.length;
    }
    for (const child of children) child.kill("SIGKILL");
    await Promise.race([drained, here.failed]);
    const { refused, losses } = await here.stop();

    expect(complaints).toEqual([]);
    expect(await violationsAfterAll(world.sql, 5000)).toEqual([]);
    const [attempts] = await world.sql<{ repeated: number }[]>`
      select count(*) filter (where retry_count > 0)::integer as repeated from public.agent_jobs
    `;
    expect([kills, cuts, losses, attempts!.repeated].every((count) => count > 5)).toBe(true);
    // These come from workers that took longer than their lease, and from repeated calls that had already been carried
    // out.
    expect(Object.keys(refused)).toEqual(["GW703"]);
    console.log(`${kills} processes killed, ${cuts} sessions cut off, ${attempts!.repeated} jobs tried again`, refused);
  }, 120_000);

  test("a result that comes after the job went to another worker is refused and changes nothing", async () => {
    const world = await createWorld(onTestFinished);
    const user = await world.user();
    const campaign = await world.campaign(user, 1);
    const [id] = await world.enqueue(user, [{ campaign_id: campaign, max_cost: 0.5 }]);
    const at = new Date();
    const later = new Date(at.getTime() + 1001);
    const { claimed: first } = await world.exchange({ worker: "first", lease: 1, at });
    const { claimed: second } = await world.exchange({ worker: "second", lease: 1, at: later });
    const before = [await world.job(id!), await world.money(campaign)];

    const late = await world.exchange({ worker: "first", results: [completed(first[0]!)], batch: 0, at: later });

    expect(late).toEqual({ claimed: [], refused: [{ job_id: id, code: "GW703" }], picked: 0 });
    expect([await world.job(id!), await world.money(campaign)]).toEqual(before);
    const inTime = await world.exchange({ worker: "second", results: [completed(second[0]!)], batch: 0, at: later });
    expect(inTime.refused).toEqual([]);
    const again = await world.exchange({ worker: "second", results: [completed(second[0]!)], batch: 0, at: later });
    expect(again.refused).toEqual([{ job_id: id, code: "GW703" }]);
    expect(await world.job(id!)).toMatchObject({ status: "completed", output_data: { attempt: 1 }, retry_count: 1 });
    expect(await violationsAfterAll(world.sql, 1)).toEqual([]);
  });

  test("a result that comes after its lease, but before another worker has claimed the job, counts once in the call that claims", async () => {
    const world = await createWorld(onTestFinished);
    const user = await world.user();
    const campaign = await world.campaign(user, 1);
    const ids = await world.enqueue(user, { campaign_id: campaign, max_cost: 0.25 }, 2);
    const at = new Date();
    const { claimed } = await world.exchange({ batch: 1, lease: 1, at });

    const answer = await world.exchange({
      results: [completed(claimed[0]!)],
      batch: 10,
      at: new Date(at.getTime() + 5000),
    });

    expect(answer.refused).toEqual([]);
    expect(answer.claimed.map(({ id }) => id)).toEqual([ids[1]]);
    expect(await world.jobs(ids)).toMatchObject([
      { status: "completed", retry_count: 0 },
      { status: "running", retry_count: 0 },
    ]);
    expect(await world.money(campaign)).toEqual({ budget: 1, spend: 0.00045, reserved: 0.25 });
    expect(await brokenInvariants(world.sql)).toEqual([]);
  });
});

describe("3,000 jobs and 16 loops of one job a call", () => {
  test("results and claims in one call never deadlock, while users pause, resume and cancel", async () => {
    const world = await createFastWorld();
    await queueJobs(world, 3000);
    const here = startWorkers(world.url, 16, { batch: 1, leaseSeconds: 60, maxWorkMs: 0 });
    const watch = { isOver: false };
    const meddle = async (statement: string) => {
      const session = world.session();
      let count = 0;
      while (!watch.isOver) {
        await session.unsafe(statement);
        count++;
        await setTimeout(5);
      }
      return count;
    };
    const changes = Promise.all([
      meddle(
        "update public.campaigns set budget = budget + 0.000001 where id = any(array(select id from public.campaigns order by random() limit 1))",
      ),
      meddle(`with chosen as (select id from public.campaigns order by random() limit 1)
        update public.campaigns set status = case status when 'active' then 'paused' else 'active' end::public.campaign_status
        from chosen where campaigns.id = chosen.id and random() < 0.2`),
      meddle(
        "select groundwork.heartbeat_agent_jobs((select jsonb_agg(lease) from groundwork.leases as lease), 60, now())",
      ),
    ]);

    // The last jobs may wait for a paused campaign.
    await Promise.race([
      until(async () => {
        const left = await unfinished(world);
        if (left > 0 && left < 200) await resumeCampaigns(world);
        return left === 0;
      }, "the queue is empty"),
      here.failed,
      changes,
    ]);
    watch.isOver = true;
    const { refused } = await here.stop();

    expect((await changes).every((count) => count > 20)).toBe(true);
    expect(refused).toEqual({});
    expect(await violationsAfterAll(world.sql, 3000)).toEqual([]);
  }, 60_000);
});

/** Resumes them one by one, as their users would. One statement would lock the sums of many users in any order. */
async function resumeCampaigns({ sql }: World): Promise<void> {
  for (const { id } of await sql`select id from public.campaigns where status = 'paused'`) {
    await sql`update public.campaigns set status = 'active' where id = ${id}`;
  }
}

describe("a server that stops at once, twice", () => {
  test("has completed every job once after its restart", async () => {
    await using server = await startServer();
    const world = await openWorld(server.url);
    await queueJobs(world, 2000);
    const here = startWorkers(server.url, 16, { batch: 3, leaseSeconds: 1, maxWorkMs: 1200 });
    const crashAt = async (left: number) => {
      await until(async () => (await unfinished(world)) <= left, `${left} jobs are left`);
      await server.crash();
      await server.start();
    };

    await Promise.race([crashAt(1500).then(() => crashAt(700)), here.failed]);
    await Promise.race([until(async () => (await unfinished(world)) === 0, "the queue is empty"), here.failed]);
    const { losses } = await here.stop();

    expect(losses).toBeGreaterThanOrEqual(16);
    expect(await violationsAfterAll(world.sql, 2000)).toEqual([]);
    await world.close();
  }, 90_000);
});
