import postgres from "postgres";
import { median } from "../boot/statistics.ts";
import {
  type BenchDatabase,
  addFinishedJobs,
  createBenchDatabase,
  queueJobs,
  removeJobs,
} from "./create-bench-database.ts";
import { drain, enqueueLoops, latencies, updateLoops } from "./own.ts";
import { addGraphileJobs, drainGraphile, drainPgBoss, graphileLatencies } from "./peers.ts";
import { targets } from "./targets.ts";

export interface Measure {
  name: string;
  baseline: string;
  unit: "jobs/s" | "ms";
  target: { atLeast: number } | { atMost: number };
  stretch?: number;
  /** Runs both sides, one right after the other. The ratio is `measured` to `baseline`. */
  run: (database: BenchDatabase, swapped: boolean) => Promise<{ measured: number; baseline: number }>;
}

/** The number of jobs in each measurement. */
export interface Sizes {
  batched: number;
  single: number;
  bulk: number;
  finished: number;
  drained: number;
  latencies: number;
}

export function makeMeasures(sizes: Sizes): Measure[] {
  return [
    {
      name: "claim + complete, best batch",
      baseline: "Graphile Worker, local queue",
      unit: "jobs/s",
      target: { atLeast: targets.bestBatch },
      stretch: 1.5,
      run: pair(
        (database) => drainOwn(database, sizes.batched, { batchSize: 500, loops: 2 }),
        ({ url }) => drainGraphile(url, sizes.batched, { concurrency: 4, localQueue: 500 }),
      ),
    },
    {
      name: "claim + complete, best batch (to pg-boss)",
      baseline: "pg-boss, fetch 200",
      unit: "jobs/s",
      target: { atLeast: targets.bestBatch },
      run: pair(
        (database) => drainOwn(database, sizes.batched, { batchSize: 500, loops: 2 }),
        ({ url }) => drainPgBoss(url, sizes.batched, { loops: 4, batchSize: 200 }),
      ),
    },
    ...[1, 4, 16].map((loops): Measure => ({
      name: `claim + complete, batch 1, ${loops} loop${loops > 1 ? "s" : ""}`,
      baseline: "Graphile Worker, default",
      unit: "jobs/s",
      target: { atLeast: targets.batchOfOne },
      stretch: 1.2,
      run: pair(
        (database) => drainOwn(database, sizes.single, { batchSize: 1, loops }),
        ({ url }) => drainGraphile(url, sizes.single, { concurrency: loops }),
      ),
    })),
    ...[4, 16].map((jobs): Measure => ({
      name: `claim + complete, ${jobs} at once in one loop`,
      baseline: "Graphile Worker, default",
      unit: "jobs/s",
      target: { atLeast: targets.batchOfOne },
      stretch: 1.2,
      run: pair(
        (database) => drainOwn(database, sizes.single, { batchSize: jobs, loops: 1 }),
        ({ url }) => drainGraphile(url, sizes.single, { concurrency: jobs }),
      ),
    })),
    {
      name: "full effect, best batch",
      baseline: "Graphile Worker, local queue, no-op",
      unit: "jobs/s",
      target: { atLeast: 0.4 },
      stretch: 0.6,
      run: pair(
        (database) => drainOwn(database, sizes.batched, { batchSize: 500, loops: 2, fullEffect: true }),
        ({ url }) => drainGraphile(url, sizes.batched, { concurrency: 4, localQueue: 500 }),
      ),
    },
    ...([1, 4, 16] as const).map((clients): Measure => ({
      name: `enqueue one, ${clients} client${clients > 1 ? "s" : ""}`,
      baseline: "a one-row update",
      unit: "jobs/s",
      target: { atLeast: targets.enqueueOne(clients) },
      run: pair(
        async (database) => {
          await removeJobs(database);
          return enqueueLoops(database, sizes.single, clients);
        },
        (database) => updateLoops(database, sizes.single, clients),
      ),
    })),
    {
      name: `bulk enqueue of ${sizes.bulk.toLocaleString("en")}`,
      baseline: "Graphile Worker, addJobs",
      unit: "jobs/s",
      target: { atLeast: targets.bulkEnqueue },
      run: pair(
        async (database) => {
          await removeJobs(database);
          return enqueueBulk(database, sizes.bulk);
        },
        ({ url }) => addGraphileJobs(url, sizes.bulk),
      ),
    },
    {
      name: `a claim beside ${sizes.finished.toLocaleString("en")} finished jobs`,
      baseline: "beside 10,000",
      unit: "ms",
      target: { atMost: 1.1 },
      run: claimBesideFinished(sizes.finished),
    },
    {
      name: `drain of ${sizes.drained.toLocaleString("en")} under a held snapshot`,
      baseline: "without one",
      unit: "jobs/s",
      target: { atLeast: 0.4 },
      stretch: 0.8,
      run: pair(
        async (database) => {
          await removeJobs(database);
          await queueJobs(database, sizes.drained);
          return withSnapshot(database, () => drain(database, sizes.drained, { batchSize: 50, loops: 4 }));
        },
        (database) => drainOwn(database, sizes.drained, { batchSize: 50, loops: 4 }),
      ),
    },
    {
      name: "enqueue to start, idle worker",
      baseline: "Graphile Worker",
      unit: "ms",
      target: { atMost: 0.75 },
      stretch: 0.55,
      run: pair(
        async (database) => {
          await removeJobs(database);
          return median(await latencies(database, sizes.latencies));
        },
        async ({ url }) => median(await graphileLatencies(url, sizes.latencies)),
      ),
    },
  ];
}

type Side = (database: BenchDatabase) => Promise<number>;

export function pair(measured: Side, baseline: Side): Measure["run"] {
  return async (database, swapped) => {
    if (!swapped) return { measured: await measured(database), baseline: await baseline(database) };
    const first = await baseline(database);
    return { measured: await measured(database), baseline: first };
  };
}

interface DrainOptions {
  batchSize: number;
  loops: number;
  fullEffect?: boolean;
}

async function drainOwn(database: BenchDatabase, count: number, options: DrainOptions): Promise<number> {
  await removeJobs(database);
  await queueJobs(database, count);
  return drain(database, count, options);
}

async function enqueueBulk({ url, users }: BenchDatabase, count: number): Promise<number> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql`select set_config('request.jwt.claims', ${JSON.stringify({ sub: users[0] })}, false)`;
  await sql`set role authenticated`;
  const jobs = Array.from({ length: count }, () => ({ agent_type: "analyst", input_data: {} }));
  const started = performance.now();
  await sql`select cardinality(public.enqueue_agent_jobs(${sql.json(jobs)}))`;
  const perSecond = count / ((performance.now() - started) / 1000);
  await sql.end();
  return perSecond;
}

/** Keeps every dead row alive while the work runs, as pg_dump or a long query does. */
async function withSnapshot<T>({ url }: BenchDatabase, work: () => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await sql
      .begin("isolation level repeatable read", async (transaction) => {
        await transaction`select count(*) from groundwork.job_queue`;
        return { value: await work() };
      })
      .then(({ value }) => value);
  } finally {
    await sql.end();
  }
}

/**
 * Returns the median times of claims of 50 jobs that are rolled back, with 10,000 pending jobs. The databases with few
 * and with many finished jobs take turns, because a claim is so short that other work of the machine matters.
 */
function claimBesideFinished(finished: number): Measure["run"] {
  return async (many) => {
    await using few = await createBenchDatabase(many.url);
    const sides = [
      { database: few, jobsBefore: 10_000, times: [] as number[] },
      { database: many, jobsBefore: finished, times: [] as number[] },
    ] as const;
    await using connections = new AsyncDisposableStack();
    for (const { database, jobsBefore } of sides) {
      await removeJobs(database);
      await queueJobs(database, 10_000);
      await addFinishedJobs(database, jobsBefore);
    }
    const claims = sides.map(({ database, times }) => {
      const sql = connections.adopt(postgres(database.url, { max: 1, onnotice: () => {} }), (open) => open.end());
      return async () => times.push(await claimTime(sql));
    });
    for (let turn = 0; turn < 320; turn++) {
      for (const claim of turn % 2 === 0 ? claims : claims.toReversed()) await claim();
    }
    // The first claims are not counted, because they plan and warm up.
    const [baseline, measured] = sides.map(({ times }) => median(times.slice(20)));
    return { measured: measured!, baseline: baseline! };
  };
}

async function claimTime(sql: postgres.Sql): Promise<number> {
  await sql.unsafe("begin");
  const started = performance.now();
  await sql`select public.exchange_agent_jobs('bench', '[]', 50, 60)`;
  const time = performance.now() - started;
  await sql.unsafe("rollback");
  return time;
}
