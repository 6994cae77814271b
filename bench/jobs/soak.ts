import { type BenchDatabase, queueJobs, removeJobs } from "./create-bench-database.ts";
import { drain } from "./own.ts";

/** Runs rounds at batch 1 in 16 loops. This load finds deadlocks between claims and completions, if there are any. */
export async function soak(database: BenchDatabase, { rounds, jobs }: { rounds: number; jobs: number }): Promise<void> {
  const { sql } = database;
  const deadlocks = async () => {
    await sql`select pg_stat_clear_snapshot()`;
    const [row] = await sql<[{ deadlocks: number }]>`
      select deadlocks::integer from pg_stat_database where datname = current_database()
    `;
    return row.deadlocks;
  };
  const before = await deadlocks();
  for (let round = 1; round <= rounds; round++) {
    await removeJobs(database);
    await queueJobs(database, jobs);
    const perSecond = await drain(database, jobs, { batchSize: 1, loops: 16, fullEffect: true });
    const [found] = await sql<[{ completed: number; assets: number; entries: number; left: number }]>`
      select
        (select count(*)::integer from public.agent_jobs where status = 'completed') as completed,
        (select count(distinct agent_job_id)::integer from public.content_assets) as assets,
        (select count(*)::integer from public.budget_entries) as entries,
        (select count(*)::integer from groundwork.job_queue) + (select count(*)::integer from groundwork.leases) as left
    `;
    console.log(`Round ${round} of ${rounds}: ${Math.round(perSecond)} jobs/s, ${JSON.stringify(found)}`);
    if (found.completed !== jobs || found.assets !== jobs || found.entries !== jobs || found.left !== 0) {
      process.exitCode = 1;
    }
  }
  const met = (await deadlocks()) - before;
  console.log(`${met} deadlocks in ${rounds} × ${jobs.toLocaleString("en")} jobs.`);
  if (met > 0) process.exitCode = 1;
}
