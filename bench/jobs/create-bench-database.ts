import type postgres from "postgres";
import { createMigratedDatabase } from "../create-migrated-database.ts";

/**
 * Each user has one active campaign, whose budget is never used up. Graphile Worker and pg-boss have their own schemas.
 */
export const userCount = 16;

export interface BenchDatabase extends AsyncDisposable {
  url: string;
  /** A connection as the owner; at most 4 connections. */
  sql: postgres.Sql;
  /** The `users.id` of all users. */
  users: string[];
}

/** Makes a migrated database on the server of the URL, with users and campaigns and without jobs. */
export async function createBenchDatabase(adminUrl: string): Promise<BenchDatabase> {
  await using undo = new AsyncDisposableStack();
  const { url, sql } = undo.use(await createMigratedDatabase(adminUrl, { connections: 4 }));
  const created = await sql<{ id: string }[]>`
    insert into public.users (id, clerk_user_id, email, name)
    select md5('bench ' || n)::uuid, 'bench_' || n, 'bench_' || n || '@example.com', 'Bench'
    from generate_series(1, ${userCount}) as n
    returning id
  `;
  await sql`
    insert into public.user_spend_limits (user_id, monthly_limit, max_queued_jobs)
    select id, 1000000000, 10000000 from public.users
  `;
  await sql`
    insert into public.campaigns (user_id, name, status, budget, start_date)
    select id, 'Bench', 'active', 1000000000, now() from public.users
  `;
  const drop = undo.move();
  return {
    url,
    sql,
    users: created.map(({ id }) => id),
    [Symbol.asyncDispose]: () => drop.disposeAsync(),
  };
}

/** Empties the tables of jobs, so that every repetition starts with the same state. */
export async function removeJobs({ sql }: BenchDatabase): Promise<void> {
  await sql`truncate public.agent_jobs, public.content_assets, public.budget_entries, public.personas`;
  await sql`truncate groundwork.job_queue, groundwork.leases`;
  await sql`update public.campaigns set spend = 0`;
  await sql`truncate groundwork.monthly_spends, groundwork.queue_headrooms`;
}

/**
 * Queues jobs as enqueue_agent_jobs() does. The users take turns. Each job may cost a cent of its campaign, so the
 * check of budgets has work to do.
 */
export async function queueJobs({ sql }: BenchDatabase, count: number): Promise<void> {
  await sql`
    with job as (
      insert into public.agent_jobs (user_id, agent_type, input_data, campaign_id, max_cost)
      select campaign.user_id, 'analyst', '{}', campaign.id, 0.01
      from generate_series(1, ${count}::bigint / ${userCount}) as round
      cross join public.campaigns as campaign
      returning *
    )
    insert into groundwork.job_queue (job_id, user_id, campaign_id, agent_type, priority, max_cost, max_retries)
    select id, user_id, campaign_id, agent_type, priority, max_cost, max_retries from job
  `;
  await sql`vacuum analyze public.agent_jobs`;
  await sql`vacuum analyze groundwork.job_queue`;
}

/** Adds jobs that were completed long ago. */
export async function addFinishedJobs({ sql }: BenchDatabase, count: number): Promise<void> {
  await sql`
    insert into public.agent_jobs (user_id, agent_type, input_data, output_data, status, started_at, completed_at)
    select person.id, 'analyst', '{}', '{}', 'completed', now(), now()
    from generate_series(1, ${count}::bigint / ${userCount}) as round
    cross join public.users as person
  `;
  await sql`vacuum analyze public.agent_jobs`;
}
