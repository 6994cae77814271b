import { type Runner, Logger, makeWorkerUtils, run } from "graphile-worker";
import pg from "pg";
import { PgBoss } from "pg-boss";

const silent = new Logger(() => () => {});

/** Returns the jobs per second of Graphile Worker's own runner, from its start to the end of the last job. */
export async function drainGraphile(
  url: string,
  count: number,
  options: { concurrency: number; localQueue?: number },
): Promise<number> {
  const utils = await makeWorkerUtils({ connectionString: url, logger: silent });
  await utils.migrate();
  await utils.withPgClient((client) => client.query("truncate graphile_worker._private_jobs"));
  await addGraphileJobs(url, count);
  await utils.withPgClient((client) => client.query("vacuum analyze graphile_worker._private_jobs"));
  await utils.release();

  const { promise: done, resolve } = Promise.withResolvers<void>();
  let left = count;
  const started = performance.now();
  const pgPool = openPool(url, options.concurrency + 4);
  const runner: Runner = await run({
    pgPool,
    logger: silent,
    noHandleSignals: true,
    taskList: {
      noop: () => {
        if (--left === 0) resolve();
      },
    },
    preset: {
      worker: {
        concurrentJobs: options.concurrency,
        ...(options.localQueue !== undefined && {
          localQueue: { size: options.localQueue },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
        }),
      },
    },
  });
  await done;
  // Stopping waits until the last results are written.
  await runner.stop();
  const perSecond = count / ((performance.now() - started) / 1000);
  await pgPool.end();
  return perSecond;
}

/**
 * Opens a pool for the runner. A pool that the runner makes stays open for a moment after it stops, and fails when its
 * database is dropped.
 */
function openPool(url: string, max: number): pg.Pool {
  return new pg.Pool({ connectionString: url, max })
    .on("error", () => {})
    .on("connect", (client) => {
      client.on("error", () => {});
    });
}

/** Adds jobs in one call, and returns the jobs per second. */
export async function addGraphileJobs(url: string, count: number): Promise<number> {
  const utils = await makeWorkerUtils({ connectionString: url, logger: silent });
  await utils.migrate();
  const jobs = Array.from({ length: count }, () => ({ identifier: "noop", payload: {} }));
  const started = performance.now();
  await utils.addJobs(jobs);
  const perSecond = count / ((performance.now() - started) / 1000);
  await utils.release();
  return perSecond;
}

/** Returns the milliseconds from adding a job to its start in an idle runner, for one job after another. */
export async function graphileLatencies(url: string, count: number): Promise<number[]> {
  const utils = await makeWorkerUtils({ connectionString: url, logger: silent });
  await utils.migrate();
  let started: (() => void) | undefined;
  const pgPool = openPool(url, 4);
  const runner = await run({
    pgPool,
    logger: silent,
    noHandleSignals: true,
    concurrency: 1,
    taskList: { noop: () => started?.() },
  });
  const latencies: number[] = [];
  for (let job = 0; job < count; job++) {
    // Waits until the runner is idle, as for our own worker.
    await new Promise((resolve) => setTimeout(resolve, 30));
    const { promise, resolve } = Promise.withResolvers<void>();
    started = resolve;
    const begun = performance.now();
    await Promise.all([promise, utils.addJob("noop", {})]);
    latencies.push(performance.now() - begun);
  }
  await runner.stop();
  await Promise.all([pgPool.end(), utils.release()]);
  return latencies;
}

/** Returns the jobs per second of loops that fetch a batch from pg-boss and complete it. */
export async function drainPgBoss(
  url: string,
  count: number,
  options: { loops: number; batchSize: number },
): Promise<number> {
  const boss = new PgBoss({ connectionString: url, max: options.loops, supervise: false, schedule: false });
  boss.on("error", () => {});
  await boss.start();
  await boss.createQueue("noop");
  await boss.insert(
    "noop",
    Array.from({ length: count }, () => ({ data: {} })),
  );
  let left = count;
  const loop = async () => {
    while (left > 0) {
      const jobs = await boss.fetch("noop", { batchSize: options.batchSize });
      if (jobs.length === 0) return;
      await boss.complete(
        "noop",
        jobs.map(({ id }) => id),
      );
      left -= jobs.length;
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: options.loops }, loop));
  const perSecond = count / ((performance.now() - started) / 1000);
  await boss.deleteAllJobs("noop");
  await boss.stop({ graceful: false });
  return perSecond;
}
