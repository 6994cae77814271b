import type postgres from "postgres";

/** Conditions on jobs and money that hold between any two transactions. Each query finds the rows that break one. */
const invariants: Record<string, string> = {
  "a campaign's spend is the sum of its ledger": `
    select campaign.id from public.campaigns as campaign
    where spend <> coalesce((select sum(cost) from public.budget_entries where campaign_id = campaign.id), 0)`,
  "a job's cost and tokens are the sums of its ledger": `
    select job.id from public.agent_jobs as job
    left join (
      select agent_job_id, sum(cost) as cost, sum(tokens_used) as tokens
      from public.budget_entries group by agent_job_id
    ) as sums on sums.agent_job_id = job.id
    where (job.cost, job.tokens_used) <> (coalesce(sums.cost, 0), coalesce(sums.tokens, 0))`,
  "a month's spending is the sum of its ledger": `
    select sums.user_id from groundwork.monthly_spends as sums
    full join (
      select user_id, groundwork.month_of(created_at) as month, sum(cost) as cost
      from public.budget_entries where resource_type <> 'ad_spend' group by 1, 2
    ) as ledger on ledger.user_id = sums.user_id and ledger.month = sums.month
    where coalesce(sums.spent, 0) <> coalesce(ledger.cost, 0)`,
  "no campaign spends or reserves more than its budget": `
    select campaign.id from public.campaigns as campaign
    join (
      select campaign_id, sum(reserved) as reserved from groundwork.leases group by campaign_id
    ) as leases on leases.campaign_id = campaign.id
    where reserved > 0 and spend + reserved > budget`,
  "every pending job is in the queue, and nothing else": `
    select coalesce(job.id, queued.job_id)
    from (select * from public.agent_jobs where status = 'pending') as job
    full join groundwork.job_queue as queued on queued.job_id = job.id
    where job.id is null or queued.job_id is null`,
  "every running job has one lease, and nothing else has": `
    select coalesce(job.id, lease.job_id)
    from (select * from public.agent_jobs where status = 'running') as job
    full join (select * from groundwork.leases where not is_cancelled) as lease on lease.job_id = job.id
    group by coalesce(job.id, lease.job_id)
    having count(job.id) <> 1 or count(lease.job_id) <> 1`,
  "queue and lease say of a job what the job says of itself": `
    select job.id from public.agent_jobs as job
    join (
      select job_id, user_id, campaign_id, retry_count, max_retries, priority, waiting_for from groundwork.job_queue
      union all
      select job_id, user_id, campaign_id, retry_count, max_retries, null, null
      from groundwork.leases
      where not is_cancelled
    ) as held on held.job_id = job.id
    where (job.user_id, job.retry_count, job.max_retries) <> (held.user_id, held.retry_count, held.max_retries)
      or job.campaign_id is distinct from held.campaign_id
      or job.priority <> held.priority
      or (held.waiting_for is not null and held.waiting_for is distinct from job.waiting_for)`,
  "a job that waits for money is looked at again": `
    select job_id from groundwork.job_queue where waiting_for is not null and run_after is null`,
};

/** Returns the conditions that do not hold now, with the rows that break them. */
export async function brokenInvariants(sql: postgres.Sql): Promise<string[]> {
  const query = Object.entries(invariants)
    .map(([sentence, found]) => `select '${sentence.replaceAll("'", "''")}: ' || id as fault from (${found}) as f (id)`)
    .join(" union all ");
  return (await sql.unsafe<{ fault: string }[]>(query)).map(({ fault }) => fault);
}

/**
 * Lists what is wrong after all jobs were completed by `completed()` of world.ts. Each job must have ended once, with
 * one asset and two entries, and nothing may be reserved or queued.
 */
export async function violationsAfterAll(sql: postgres.Sql, jobCount: number): Promise<string[]> {
  const [counts] = await sql.unsafe<Record<string, number>[]>(`
    select
      count(*) filter (where status = 'completed')::integer as completed,
      count(*) filter (where status <> 'completed')::integer as others,
      count(*) filter (where assets <> 1)::integer as "without one asset",
      count(*) filter (where entries <> 2)::integer as "without two entries",
      count(*) filter (where attempts <> 1)::integer as "paid for several attempts",
      (select count(*)::integer from groundwork.job_queue) as "in the queue",
      (select count(*)::integer from groundwork.leases) as "leased"
    from (
      select
        status,
        (select count(*) from public.content_assets where agent_job_id = job.id) as assets,
        (select count(*) from public.budget_entries where agent_job_id = job.id) as entries,
        (select count(distinct provider_request_id) from public.budget_entries where agent_job_id = job.id) as attempts
      from public.agent_jobs as job
    ) as job
  `);
  const expected = { ...Object.fromEntries(Object.keys(counts!).map((key) => [key, 0])), completed: jobCount };
  const wrong = Object.entries(counts!).filter(([key, value]) => value !== expected[key as never]);
  return [...wrong.map(([key, value]) => `${value} ${key}`), ...(await brokenInvariants(sql))];
}
