import postgres from "postgres";
import type { JobOutcome } from "../../src/jobs/agent-job.ts";
import { runJobWorker } from "../../src/jobs/job-worker.ts";
import { jobQueueOverPostgres } from "../../src/node/postgres/job-queue-over-postgres.ts";
import { waitForNotifications } from "../../src/node/postgres/wait-for-notifications.ts";
import type { BenchDatabase } from "./create-bench-database.ts";

const nothing: JobOutcome = { output_data: {}, assets: [], usage: [] };

/** An outcome with every kind of result: an output, one asset and one ledger entry. It costs less than was reserved. */
const everything = (id: string): JobOutcome => ({
  output_data: { summary: "A post." },
  assets: [{ title: "A post", content: "Words.", content_type: "blog", metadata: { keywords: ["words"] } }],
  usage: [{ model: "gpt-4o-mini", kind: "output", quantity: 1000, request_id: id }],
});

/** Returns the jobs per second of our own worker, from its start until every result is in the database. */
export async function drain(
  { url }: BenchDatabase,
  count: number,
  { batchSize, loops, fullEffect = false }: { batchSize: number; loops: number; fullEffect?: boolean },
): Promise<number> {
  const sql = postgres(url, { max: loops, onnotice: () => {} });
  const queue = jobQueueOverPostgres(sql);
  const run = fullEffect ? async ({ id }: { id: string }) => everything(id) : async () => nothing;
  const started = performance.now();
  const summaries = await Promise.all(
    Array.from({ length: loops }, (_, loop) =>
      runJobWorker(queue, run, { workerId: `bench ${loop}`, batchSize, concurrency: batchSize, leaseSeconds: 600 }),
    ),
  );
  const perSecond = count / ((performance.now() - started) / 1000);
  await sql.end();
  const completed = summaries.reduce((sum, summary) => sum + summary.completed, 0);
  if (completed !== count) throw new Error(`${completed} of ${count} jobs were completed.`);
  return perSecond;
}

/** Returns the calls of enqueue_agent_job() per second while an idle worker listens. Each client is another user. */
export async function enqueueLoops({ url, users }: BenchDatabase, count: number, clients: number): Promise<number> {
  const listening = postgres(url, { max: 1, onnotice: () => {} });
  await listening.listen("groundwork_agent_jobs", () => {});
  const user = async (client: number) => {
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    await sql`select set_config('request.jwt.claims', ${JSON.stringify({ sub: users[client] })}, false)`;
    await sql`set role authenticated`;
    return sql;
  };
  const perSecond = await repeat(
    count,
    await Promise.all(Array.from({ length: clients }, (_, client) => user(client))),
    (sql) => sql`select id from public.enqueue_agent_job('analyst', '{}')`,
    () => listening`select public.await_agent_jobs('bench')`,
  );
  await listening.end();
  return perSecond;
}

/** Returns the updates of one row per second. Each client updates another row. */
export async function updateLoops({ url, sql }: BenchDatabase, count: number, clients: number): Promise<number> {
  await sql`create table if not exists groundwork.bench_rows (id integer primary key, n integer not null)`;
  await sql`insert into groundwork.bench_rows select n, 0 from generate_series(0, 15) as n on conflict do nothing`;
  const connections = Array.from({ length: clients }, () => postgres(url, { max: 1, onnotice: () => {} }));
  return repeat(count, connections, (client, index) => {
    return client`update groundwork.bench_rows set n = n + 1 where id = ${index}`;
  });
}

/** Returns the calls per second of several clients at once. Each client makes one call after the other. */
export async function repeat(
  count: number,
  connections: postgres.Sql[],
  call: (sql: postgres.Sql, index: number) => PromiseLike<unknown>,
  before: () => PromiseLike<unknown> = async () => {},
): Promise<number> {
  // The first call of each client connects and prepares.
  await Promise.all(connections.map(call));
  await before();
  let left = count;
  const started = performance.now();
  await Promise.all(
    connections.map(async (sql, index) => {
      while (left-- > 0) await call(sql, index);
    }),
  );
  const perSecond = count / ((performance.now() - started) / 1000);
  await Promise.all(connections.map((sql) => sql.end()));
  return perSecond;
}

/** Returns the milliseconds from queueing a job to its start in an idle worker, for one job after another. */
export async function latencies({ url, users }: BenchDatabase, count: number): Promise<number[]> {
  const sql = postgres(url, { max: 2, onnotice: () => {} });
  const user = postgres(url, { max: 1, onnotice: () => {} });
  await user`select set_config('request.jwt.claims', ${JSON.stringify({ sub: users[0] })}, false)`;
  await user`set role authenticated`;

  const stop = new AbortController();
  let started: (() => void) | undefined;
  const wait = await waitForNotifications(sql, "bench");
  let idle = Promise.withResolvers<void>();
  const working = runJobWorker(
    jobQueueOverPostgres(sql),
    async () => {
      started?.();
      return nothing;
    },
    {
      workerId: "bench",
      concurrency: 1,
      stop: stop.signal,
      waitForJobs: (signal) => {
        const waiting = wait(signal);
        idle.resolve();
        return waiting;
      },
    },
  );
  const times: number[] = [];
  for (let job = 0; job < count; job++) {
    await idle.promise;
    // The worker registers as a listener and looks for jobs once more. Only then is it idle.
    await new Promise((resolve) => setTimeout(resolve, 30));
    idle = Promise.withResolvers();
    const { promise, resolve } = Promise.withResolvers<void>();
    started = resolve;
    const begun = performance.now();
    await Promise.all([promise, user`select id from public.enqueue_agent_job('analyst', '{}')`]);
    times.push(performance.now() - begun);
  }
  stop.abort();
  await working;
  await Promise.all([sql.end(), user.end()]);
  return times;
}
