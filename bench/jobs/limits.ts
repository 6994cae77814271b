import postgres from "postgres";
import { type BenchDatabase, queueJobs, removeJobs } from "./create-bench-database.ts";
import { type Measure, type Sizes, pair } from "./measures.ts";
import { repeat, updateLoops } from "./own.ts";
import { addGraphileJobs, drainGraphile } from "./peers.ts";
import { targets } from "./targets.ts";

const batchSize = 500;

/**
 * Measures what the tables alone allow: the fewest writes for a job that users can see, by statements of the owner,
 * without leases, money, fairness or checks. If these statements miss a target, no function that uses the tables can
 * meet it.
 */
export function makeLimits(sizes: Sizes): Measure[] {
  return [
    {
      name: "two updates and a place in the queue, batches of 500",
      baseline: "Graphile Worker, local queue",
      unit: "jobs/s",
      target: { atLeast: targets.bestBatch },
      run: pair(
        (database) => drainBatches(database, sizes.batched),
        ({ url }) => drainGraphile(url, sizes.batched, { concurrency: 4, localQueue: 500 }),
      ),
    },
    ...[1, 4, 16].map((loops): Measure => ({
      name: `two updates and a place in the queue, one by one, ${loops} loop${loops > 1 ? "s" : ""}`,
      baseline: "Graphile Worker, default",
      unit: "jobs/s",
      target: { atLeast: targets.batchOfOne },
      run: pair(
        (database) => drainOneByOne(database, sizes.single, loops),
        ({ url }) => drainGraphile(url, sizes.single, { concurrency: loops }),
      ),
    })),
    ...[1, 4, 16].map((clients): Measure => ({
      name: `insert into agent_jobs, ${clients} client${clients > 1 ? "s" : ""}`,
      baseline: "a one-row update",
      unit: "jobs/s",
      target: { atLeast: targets.enqueueOne(clients) },
      run: pair(
        (database) => insertLoops(database, sizes.single, clients),
        (database) => updateLoops(database, sizes.single, clients),
      ),
    })),
    {
      name: `insert of ${sizes.bulk.toLocaleString("en")} into agent_jobs`,
      baseline: "Graphile Worker, addJobs",
      unit: "jobs/s",
      target: { atLeast: targets.bulkEnqueue },
      run: pair(
        (database) => insertMany(database, sizes.bulk),
        ({ url }) => addGraphileJobs(url, sizes.bulk),
      ),
    },
  ];
}

async function drainBatches(database: BenchDatabase, count: number): Promise<number> {
  await removeJobs(database);
  await queueJobs(database, count);
  const rows = await database.sql<{ job_id: string }[]>`select job_id from groundwork.job_queue order by position`;
  const batches: string[] = [];
  for (let start = 0; start < count; start += batchSize) {
    const ids = rows.slice(start, start + batchSize).map(({ job_id }) => job_id);
    batches.push(`{${ids.join(",")}}`);
  }
  const connections = open(database, 2);
  await Promise.all(connections.map((sql) => sql`select`));

  const started = performance.now();
  await Promise.all(
    connections.map(async (sql) => {
      for (let ids = batches.pop(); ids !== undefined; ids = batches.pop()) {
        await sql`
          with taken as (delete from groundwork.job_queue where job_id = any(${ids}::uuid[]) returning job_id)
          update public.agent_jobs set status = 'running', started_at = now(), updated_at = clock_timestamp()
          from taken
          where id = taken.job_id
        `;
        await sql`
          update public.agent_jobs
          set status = 'completed', output_data = '{}', completed_at = now(), updated_at = clock_timestamp()
          where id = any(${ids}::uuid[])
        `;
      }
    }),
  );
  const perSecond = count / ((performance.now() - started) / 1000);
  await Promise.all(connections.map((sql) => sql.end()));
  return perSecond;
}

async function drainOneByOne(database: BenchDatabase, count: number, loops: number): Promise<number> {
  await removeJobs(database);
  await queueJobs(database, count);
  const connections = open(database, loops);
  await Promise.all(connections.map((sql) => sql`select`));

  const started = performance.now();
  await Promise.all(
    connections.map(async (sql) => {
      let job: string | null = null;
      do {
        const [next]: { id: string }[] = await sql<{ id: string }[]>`
          with done as (
            update public.agent_jobs
            set status = 'completed', output_data = '{}', completed_at = now(), updated_at = clock_timestamp()
            where id = ${job}
          ),
          taken as (
            delete from groundwork.job_queue
            where job_id = (
              select job_id
              from groundwork.job_queue
              where run_after is null
              order by user_id, priority desc, position
              limit 1
              for update skip locked
            )
            returning job_id
          )
          update public.agent_jobs set status = 'running', started_at = now(), updated_at = clock_timestamp()
          from taken
          where id = taken.job_id
          returning id
        `;
        job = next?.id ?? null;
      } while (job !== null);
    }),
  );
  const perSecond = count / ((performance.now() - started) / 1000);
  await Promise.all(connections.map((sql) => sql.end()));
  return perSecond;
}

async function insertLoops(database: BenchDatabase, count: number, clients: number): Promise<number> {
  await removeJobs(database);
  return repeat(count, open(database, clients), (sql, client) => {
    const user = database.users[client]!;
    return sql`insert into public.agent_jobs (user_id, agent_type, input_data) values (${user}, 'analyst', '{}')`;
  });
}

async function insertMany(database: BenchDatabase, count: number): Promise<number> {
  await removeJobs(database);
  const [sql] = open(database, 1);
  await sql!`select`;
  const started = performance.now();
  await sql!`
    insert into public.agent_jobs (user_id, agent_type, input_data)
    select ${database.users[0]!}, 'analyst', '{}'
    from generate_series(1, ${count}::int)
  `;
  const perSecond = count / ((performance.now() - started) / 1000);
  await sql!.end();
  return perSecond;
}

function open({ url }: BenchDatabase, count: number): postgres.Sql[] {
  return Array.from({ length: count }, () => postgres(url, { max: 1, onnotice: () => {} }));
}
