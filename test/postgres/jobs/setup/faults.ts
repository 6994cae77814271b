import type postgres from "postgres";

/** What must be true of jobs and money between any two transactions. Each query finds what breaks it. */
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
    select sums.user_id from private.monthly_spends as sums
    full join (
      select user_id, private.month_of(created_at) as month, sum(cost) as cost
      from public.budget_entries where resource_type <> 'ad_spend' group by 1, 2
    ) as ledger on ledger.user_id = sums.user_id and ledger.month = sums.month
    where coalesce(sums.spent, 0) <> coalesce(ledger.cost, 0)`,
  "a job has a token, an expiry and a month if and only if it is leased": `
    select job_id from private.job_queue
    where num_nonnulls(worker_id, lease_token, lease_expires_at, lease_month) <> case state when 'leased' then 4 else 0 end`,
  "no campaign spends or reserves more than its budget": `
    select campaign.id from public.campaigns as campaign
    join (
      select campaign_id, sum(may_cost) as reserved from private.job_queue where state = 'leased' group by campaign_id
    ) as leases on leases.campaign_id = campaign.id
    where reserved > 0 and spend + reserved > budget`,
  "every unfinished job is in the queue, and nothing else": `
    select coalesce(job.id, queued.job_id)
    from (select * from public.agent_jobs where status in ('pending', 'running')) as job
    full join private.job_queue as queued on queued.job_id = job.id
    where job.id is null or queued.job_id is null`,
  "the queue says of a job what the job says of itself": `
    select job.id from public.agent_jobs as job
    join private.job_queue as queued on queued.job_id = job.id
    where (job.status = 'running') <> (queued.state = 'leased')
      or (job.user_id, job.priority, job.retry_count, job.max_retries)
        <> (queued.user_id, queued.priority, queued.retry_count, queued.max_retries)
      or job.campaign_id is distinct from queued.campaign_id
      or (queued.waiting_for is not null and queued.waiting_for is distinct from job.waiting_for)`,
};

/** Sentences that are not true now, with the rows that say so. */
export async function brokenInvariants(sql: postgres.Sql): Promise<string[]> {
  const query = Object.entries(invariants)
    .map(([sentence, found]) => `select '${sentence.replaceAll("'", "''")}: ' || id as fault from (${found}) as f (id)`)
    .join(" union all ");
  return (await sql.unsafe<{ fault: string }[]>(query)).map(({ fault }) => fault);
}

/**
 * What is wrong after all jobs have been completed by `completed()` of world.ts, whatever happened meanwhile: each ended
 * once, with one asset and two entries, and nothing is reserved or queued any more.
 */
export async function faultsAfterAll(sql: postgres.Sql, jobCount: number): Promise<string[]> {
  const [counts] = await sql.unsafe<Record<string, number>[]>(`
    select
      count(*) filter (where status = 'completed')::integer as completed,
      count(*) filter (where status <> 'completed')::integer as others,
      count(*) filter (where assets <> 1)::integer as "without one asset",
      count(*) filter (where entries <> 2)::integer as "without two entries",
      count(*) filter (where attempts <> 1)::integer as "paid for several attempts",
      (select count(*)::integer from private.job_queue) as "in the queue"
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
