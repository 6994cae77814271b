/** The job queue beside the finished jobs of years: waiting jobs are found as fast as without them. */
import { expect, test } from "vitest";
import { brokenInvariants } from "../postgres/jobs/setup/invariants.ts";
import { type Claimed, completed } from "../postgres/jobs/setup/results.ts";
import { createWorld } from "../postgres/jobs/setup/world.ts";

const world = await createWorld();
const { sql } = world;

/** What a call reads: buffers, and the rows of each table. */
interface Reading {
  buffers: number;
  rows: Record<string, number>;
}

interface Scan {
  relname: string;
  sequential: number;
  rows: number;
}

/** Adds finished jobs of one user, each with a ledger entry. */
async function finish(user: string, count: number): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`select set_config('groundwork.settles_jobs', 'yes', true)`;
    await transaction`
      with jobs as (
        insert into public.agent_jobs (user_id, agent_type, status, input_data, started_at, completed_at, created_at)
        select
          ${user}, 'analyst', 'completed', '{}', at, at, at
        from generate_series(1, ${count}::integer) as number
        cross join lateral (select now() - make_interval(mins => number)) as past (at)
        returning id, created_at
      )
      insert into public.budget_entries (user_id, resource_type, cost, tokens_used, agent_job_id, created_at)
      select ${user}, 'openai_api', 0, 0, id, created_at from jobs
    `;
  });
  await sql`vacuum analyze`;
}

/** Queues ten jobs, claims them and settles them. Returns what each of the three calls reads. */
async function readings(user: string): Promise<Record<string, Reading>> {
  const session = world.session();
  const measure = async (statement: string): Promise<Reading> =>
    session.begin(async (transaction) => {
      const scans = () => transaction<Scan[]>`
        select
          relname, seq_scan::integer as sequential, (seq_tup_read + coalesce(idx_tup_fetch, 0))::integer as rows
        from pg_stat_xact_user_tables
        where schemaname in ('public', 'groundwork')
      `;
      await transaction`select set_config('request.jwt.claims', ${JSON.stringify({ sub: user })}, true)`;
      const before = new Map((await scans()).map((scan) => [scan.relname, scan]));
      const [explained] = await transaction.unsafe<{ "QUERY PLAN": [{ Plan: Record<string, number> }] }[]>(
        `explain (analyze, buffers, format json) ${statement}`,
      );
      const after = await scans();
      for (const table of ["agent_jobs", "budget_entries", "content_assets"]) {
        const scan = after.find(({ relname }) => relname === table)!;
        expect(scan.sequential, `sequential scans of ${table}`).toBe(before.get(table)!.sequential);
      }
      const { Plan: plan } = explained!["QUERY PLAN"][0];
      return {
        buffers: plan["Shared Hit Blocks"]! + plan["Shared Read Blocks"]!,
        rows: Object.fromEntries(after.map(({ relname, rows }) => [relname, rows - before.get(relname)!.rows])),
      };
    }) as Promise<Reading>;

  const job = { agent_type: "analyst", input_data: {}, max_cost: 0.01 };
  const jobs = JSON.stringify(Array.from({ length: 10 }, () => job));
  const exchange = (results: object[], batch: number) =>
    `select groundwork.exchange_agent_jobs('reader', '${JSON.stringify(results)}', ${batch}, 60, null, now())`;
  const enqueue = await measure(`select public.enqueue_agent_jobs('${jobs}')`);
  const claim = await measure(exchange([], 10));
  const claimed = await sql<Claimed[]>`
    select
      job_id as id, lease.user_id, lease.campaign_id, lease.retry_count, lease.reserved as max_cost, lease_token
    from groundwork.leases as lease
    order by job_id
  `;
  const settle = await measure(
    exchange(
      claimed.map((one) => completed(one)),
      0,
    ),
  );
  expect(claimed).toHaveLength(10);
  expect(await sql`select from groundwork.leases`).toHaveLength(0);
  await session.end();
  return { enqueue, claim, settle };
}

/**
 * Returns the least of several readings, for the buffers and for the rows of each table. A single reading may make a
 * plan, write a page for the first time, or meet dead rows. The first one is not counted, because tables are empty then.
 */
async function leastReadings(user: string): Promise<Record<string, Reading>> {
  await readings(user);
  const all: Record<string, Reading>[] = [];
  for (let time = 0; time < 8; time += 1) all.push(await readings(user));
  const least = (call: string): Reading => {
    const ofCall = all.map((each) => each[call]!);
    const tables = Object.keys(ofCall[0]!.rows);
    return {
      buffers: Math.min(...ofCall.map(({ buffers }) => buffers)),
      rows: Object.fromEntries(tables.map((table) => [table, Math.min(...ofCall.map(({ rows }) => rows[table]!))])),
    };
  };
  return { enqueue: least("enqueue"), claim: least("claim"), settle: least("settle") };
}

test("queueing, claiming and settling read no more rows beside 1,000,000 finished jobs than beside 1000", async () => {
  const user = await world.user();
  await finish(user, 1000);
  const few = await leastReadings(user);

  await finish(user, 999_000);
  const many = await leastReadings(user);

  for (const call of ["enqueue", "claim", "settle"]) {
    console.log(`${call}: ${few[call]!.buffers} buffers beside 1000 jobs, ${many[call]!.buffers} beside 1,000,000`);
  }
  for (const call of ["enqueue", "claim", "settle"]) {
    expect(many[call]!.rows, `rows that ${call} reads`).toEqual(few[call]!.rows);
    // The indexes have one or two levels more, and each look-up in an index reads them.
    expect(many[call]!.buffers, `buffers that ${call} reads`).toBeLessThan(few[call]!.buffers * 1.25);
  }
  expect(await brokenInvariants(sql)).toEqual([]);
});
