-- Jobs, API: the functions that users and workers call.
-- Needs: helpers, jobs_tables, jobs_enqueue, jobs_settle, jobs_exchange.

-- For users -----------------------------------------------------------------------------------------------------------

create function public.enqueue_agent_job(
    agent_type text,
    input_data jsonb,
    campaign_id uuid default null,
    idempotency_key text default null,
    priority smallint default 0,
    run_after timestamptz default null,
    max_cost numeric default null,
    max_retries smallint default 3
)
returns public.agent_jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.enqueue_agent_job(
        (null, agent_type, input_data, campaign_id, idempotency_key, priority, run_after, max_cost, max_retries),
        now()
    );
end
$$;

comment on function public.enqueue_agent_job(text, jsonb, uuid, text, smallint, timestamptz, numeric, smallint) is
    'Queues a job for the caller, and returns it. The same idempotency_key returns the same job again. max_cost is in '
    'US dollars, for all attempts together. Its default is the default_max_cost of the agent type. Errors: GW101, '
    'GW705, GW706, GW707.';

-- It returns an array, because the API limits the number of rows.
create function public.enqueue_agent_jobs(jobs jsonb)
returns uuid[]
language sql
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.enqueue_agent_jobs(jobs, now());
$$;

comment on function public.enqueue_agent_jobs(jsonb) is
    'Queues many jobs: an array of objects with the arguments of enqueue_agent_job(). Returns their ids in the same '
    'order. It queues all of them or none. Errors: GW101, GW705, GW706, GW707.';

create function public.cancel_agent_job(job_id uuid)
returns public.agent_jobs
language sql
set search_path = pg_catalog, pg_temp
as $$
    select job.* from groundwork.cancel_agent_job(cancel_agent_job.job_id, now()) as job;
$$;

comment on function public.cancel_agent_job(uuid) is
    'Cancels a pending or running job of the caller, and returns it. The reservation of a running job is freed when '
    'its worker has reported what it cost, at the latest when its lease expires. Errors: GW702, GW704.';

create function public.retry_agent_job(job_id uuid)
returns public.agent_jobs
language sql
set search_path = pg_catalog, pg_temp
as $$
    select job.* from groundwork.retry_agent_job(retry_agent_job.job_id) as job;
$$;

comment on function public.retry_agent_job(uuid) is
    'Puts a failed job of the caller back into the queue, with all its retries, and returns it. Errors: GW702, GW704, '
    'GW706.';

-- For workers ---------------------------------------------------------------------------------------------------------

create function public.exchange_agent_jobs(
    worker_id text,
    results jsonb default '[]',
    batch_size integer default 10,
    lease_seconds integer default 60,
    agent_types text[] default null
)
returns json
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.exchange_agent_jobs(worker_id, results, batch_size, lease_seconds, agent_types, now());
end
$$;

comment on function public.exchange_agent_jobs(text, jsonb, integer, integer, text[]) is
    'Service role only. Settles results and claims the next jobs, in one transaction. A result is {"job_id", '
    '"lease_token", "outcome": "completed" | "failed" | "released", "output_data", "assets", "usage", "error_code", '
    '"error_message", "retryable", "retry_after_seconds"}. Returns {"claimed": [job…], "refused": [{"job_id", '
    '"code"}…], "picked": n}. A refused result changes nothing. n is greater than the number of claimed jobs if there '
    'was no money for some of them. Only n = 0 means that no job is ready. Error: GW708.';

create function public.claim_agent_jobs(
    worker_id text,
    batch_size integer default 10,
    lease_seconds integer default 60,
    agent_types text[] default null
)
returns table (
    id uuid,
    user_id uuid,
    agent_type text,
    input_data jsonb,
    campaign_id uuid,
    retry_count integer,
    max_retries integer,
    max_cost numeric,
    lease_token uuid,
    lease_expires_at timestamptz
)
language sql
set search_path = pg_catalog, pg_temp
as $$
    select claimed.*
    from json_to_recordset(
        groundwork.exchange_agent_jobs(
            claim_agent_jobs.worker_id,
            '[]',
            claim_agent_jobs.batch_size,
            claim_agent_jobs.lease_seconds,
            claim_agent_jobs.agent_types,
            now()
        ) -> 'claimed'
    ) as claimed (
        id uuid, user_id uuid, agent_type text, input_data jsonb, campaign_id uuid, retry_count integer,
        max_retries integer, max_cost numeric, lease_token uuid, lease_expires_at timestamptz
    );
$$;

comment on function public.claim_agent_jobs(text, integer, integer, text[]) is
    'Service role only. Leases up to batch_size (at most 1000) jobs for lease_seconds (at most 3600), and returns '
    'them. Users get equal shares. Among the jobs of one user the highest priority comes first, then the oldest job. '
    'The money for each job is reserved. max_cost is what is left for this attempt. Error: GW708.';

create function public.complete_agent_job(
    job_id uuid,
    lease_token uuid,
    output_data jsonb,
    assets jsonb default '[]',
    usage jsonb default '[]'
)
returns public.agent_jobs
language sql
set search_path = pg_catalog, pg_temp
as $$
    select job.*
    from groundwork.settle_agent_job(
        jsonb_build_object(
            'job_id', complete_agent_job.job_id,
            'lease_token', complete_agent_job.lease_token,
            'outcome', 'completed',
            'output_data', complete_agent_job.output_data,
            'assets', complete_agent_job.assets,
            'usage', complete_agent_job.usage
        ),
        now()
    ) as job;
$$;

comment on function public.complete_agent_job(uuid, uuid, jsonb, jsonb, jsonb) is
    'Service role only. Completes a job, and returns it. Writes its output, content, ledger entries and status in one '
    'transaction. assets: [{"title", "content", "content_type", "metadata"}…]; usage: [{"model", "kind", "quantity", '
    '"request_id"}…]. Errors: GW703, GW801.';

create function public.fail_agent_job(
    job_id uuid,
    lease_token uuid,
    error_message text,
    retryable boolean default true,
    usage jsonb default '[]',
    error_code public.job_error_code default 'worker_failed'
)
returns public.agent_jobs
language sql
set search_path = pg_catalog, pg_temp
as $$
    select job.*
    from groundwork.settle_agent_job(
        jsonb_build_object(
            'job_id', fail_agent_job.job_id,
            'lease_token', fail_agent_job.lease_token,
            'outcome', 'failed',
            'error_code', fail_agent_job.error_code,
            'error_message', fail_agent_job.error_message,
            'retryable', fail_agent_job.retryable,
            'usage', fail_agent_job.usage
        ),
        now()
    ) as job;
$$;

comment on function public.fail_agent_job(uuid, uuid, text, boolean, jsonb, public.job_error_code) is
    'Service role only. Ends an attempt that failed, books its usage, and returns the job. The job is retried after a '
    'backoff, unless retryable is false or the retries are used up. Errors: GW703, GW801.';

create function public.release_agent_job(job_id uuid, lease_token uuid)
returns public.agent_jobs
language sql
set search_path = pg_catalog, pg_temp
as $$
    select job.*
    from groundwork.settle_agent_job(
        jsonb_build_object(
            'job_id', release_agent_job.job_id,
            'lease_token', release_agent_job.lease_token,
            'outcome', 'released'
        ),
        now()
    ) as job;
$$;

comment on function public.release_agent_job(uuid, uuid) is
    'Service role only. Gives a job back unfinished, and returns it. This does not count as an attempt. Error: GW703.';

create function public.heartbeat_agent_job(job_id uuid, lease_token uuid, lease_seconds integer default 60)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select
        from groundwork.heartbeat_agent_jobs(
            jsonb_build_array(jsonb_build_object('job_id', job_id, 'lease_token', lease_token)),
            lease_seconds,
            now()
        )
    ) then
        perform groundwork.raise_error('GW703', format('Job %s.', job_id));
    end if;
end
$$;

comment on function public.heartbeat_agent_job(uuid, uuid, integer) is
    'Service role only. Extends a lease to lease_seconds from now. Errors: GW703, GW708.';

create function public.heartbeat_agent_jobs(leases jsonb, lease_seconds integer default 60)
returns setof uuid
language sql
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.heartbeat_agent_jobs(leases, lease_seconds, now());
$$;

comment on function public.heartbeat_agent_jobs(jsonb, integer) is
    'Service role only. Extends leases, [{"job_id", "lease_token"}…], to lease_seconds from now. Returns the ids of '
    'the jobs whose leases still hold. Error: GW708.';

create function public.book_late_usage(job_id uuid, usage jsonb)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.book_late_usage(job_id, usage, now());
$$;

comment on function public.book_late_usage(uuid, jsonb) is
    'Service role only. Books what a worker spent on a job whose lease it had lost. The money was spent, so it goes '
    'into the ledger. No campaign pays. Errors: GW704, GW801.';

create function public.await_agent_jobs(worker_id text)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.await_agent_jobs(worker_id, now());
$$;

comment on function public.await_agent_jobs(text) is
    'Service role only. Registers the worker as idle and listening on the channel groundwork_agent_jobs. The worker '
    'must claim once more afterwards, because a job may have been queued just before.';

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    public.enqueue_agent_job(text, jsonb, uuid, text, smallint, timestamptz, numeric, smallint),
    public.enqueue_agent_jobs(jsonb),
    public.cancel_agent_job(uuid),
    public.retry_agent_job(uuid),
    public.exchange_agent_jobs(text, jsonb, integer, integer, text[]),
    public.claim_agent_jobs(text, integer, integer, text[]),
    public.complete_agent_job(uuid, uuid, jsonb, jsonb, jsonb),
    public.fail_agent_job(uuid, uuid, text, boolean, jsonb, public.job_error_code),
    public.release_agent_job(uuid, uuid),
    public.heartbeat_agent_job(uuid, uuid, integer),
    public.heartbeat_agent_jobs(jsonb, integer),
    public.book_late_usage(uuid, jsonb),
    public.await_agent_jobs(text)
from public, anon, authenticated, service_role;

grant execute on function
    public.enqueue_agent_job(text, jsonb, uuid, text, smallint, timestamptz, numeric, smallint),
    public.enqueue_agent_jobs(jsonb),
    public.cancel_agent_job(uuid),
    public.retry_agent_job(uuid)
to authenticated;

grant execute on function
    public.exchange_agent_jobs(text, jsonb, integer, integer, text[]),
    public.claim_agent_jobs(text, integer, integer, text[]),
    public.complete_agent_job(uuid, uuid, jsonb, jsonb, jsonb),
    public.fail_agent_job(uuid, uuid, text, boolean, jsonb, public.job_error_code),
    public.release_agent_job(uuid, uuid),
    public.heartbeat_agent_job(uuid, uuid, integer),
    public.heartbeat_agent_jobs(jsonb, integer),
    public.book_late_usage(uuid, jsonb),
    public.await_agent_jobs(text)
to service_role;
