-- Jobs, API: what users and workers call.
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
    'Queues a job for the caller. The same idempotency_key gives the same job again. max_cost (US dollars, for all '
    'attempts together) is by default the agent type''s. Errors: GW101, GW705, GW706, GW707.';

-- An array, because rows would be cut at the API's limit.
create function public.enqueue_agent_jobs(jobs jsonb)
returns uuid[]
language sql
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.enqueue_agent_jobs(jobs, now());
$$;

comment on function public.enqueue_agent_jobs(jsonb) is
    'Queues many: an array of objects with the arguments of enqueue_agent_job(). Answers their ids in that order. All '
    'or none.';

create function public.cancel_agent_job(job_id uuid)
returns public.agent_jobs
language sql
set search_path = pg_catalog, pg_temp
as $$
    select job.* from groundwork.cancel_agent_job(cancel_agent_job.job_id, now()) as job;
$$;

comment on function public.cancel_agent_job(uuid) is
    'Ends a pending or running job of the caller. What a running one had reserved is free when its worker has said '
    'what it cost, at the latest when its lease expires. Errors: GW702, GW704.';

create function public.retry_agent_job(job_id uuid)
returns public.agent_jobs
language sql
set search_path = pg_catalog, pg_temp
as $$
    select job.* from groundwork.retry_agent_job(retry_agent_job.job_id) as job;
$$;

comment on function public.retry_agent_job(uuid) is
    'Sends a failed job of the caller back to the queue, with all its retries. Errors: GW702, GW704, GW706.';

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
    'Service role only: settles results and claims the next jobs, in one transaction. A result: {"job_id", '
    '"lease_token", "outcome": "completed" | "failed" | "released", "output_data", "assets", "usage", "error_code", '
    '"error_message", "retryable", "retry_after_seconds"}. Answers {"claimed": [job…], "refused": [{"job_id", '
    '"code"}…], "picked": n}. A refused result changed nothing. More were picked than claimed if there was no money '
    'for some; only 0 means that nothing is ready. Error: GW708.';

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
    );
$$;

comment on function public.claim_agent_jobs(text, integer, integer, text[]) is
    'Service role only: leases up to batch_size (1000) jobs for lease_seconds (3600), fair between users, then by '
    'priority, then by age, each with its money reserved. max_cost is what is left for this attempt. Error: GW708.';

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
    'Service role only: output, content, ledger and state in one transaction. assets: [{"title", "content", '
    '"content_type", "metadata"}…]; usage: [{"model", "kind", "quantity", "request_id"}…]. Errors: GW703, GW801.';

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
    'Service role only: the attempt failed and cost this usage. It is tried again after a while, unless retryable is '
    'false or the retries are used up. Errors: GW703, GW801.';

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
    'Service role only: gives a job back unfinished, which is no attempt. Error: GW703.';

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
    'Service role only: extends the lease to lease_seconds from now. Errors: GW703, GW708.';

create function public.heartbeat_agent_jobs(leases jsonb, lease_seconds integer default 60)
returns setof uuid
language sql
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.heartbeat_agent_jobs(leases, lease_seconds, now());
$$;

comment on function public.heartbeat_agent_jobs(jsonb, integer) is
    'Service role only: extends leases, [{"job_id", "lease_token"}…], and answers the ids of those that still hold. '
    'Error: GW708.';

create function public.book_late_usage(job_id uuid, usage jsonb)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.book_late_usage(job_id, usage, now());
$$;

comment on function public.book_late_usage(uuid, jsonb) is
    'Service role only: what a worker spent on a job whose lease it had lost. The money is gone all the same, so the '
    'ledger knows it; no campaign pays. Errors: GW704, GW801.';

create function public.await_agent_jobs(worker_id text)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.await_agent_jobs(worker_id, now());
$$;

comment on function public.await_agent_jobs(text) is
    'Service role only: says that the worker listens on the channel groundwork_agent_jobs and has nothing to do. Look '
    'once more afterwards.';

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on all functions in schema groundwork from public, anon;

revoke all on function
    public.enqueue_agent_job(
    text,
    jsonb,
    uuid,
    text,
    smallint,
    timestamptz,
    numeric,
    smallint
),
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
    public.enqueue_agent_job(
    text,
    jsonb,
    uuid,
    text,
    smallint,
    timestamptz,
    numeric,
    smallint
),
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
