-- Jobs, settle: how claims end, by results, by expired leases and by cancellations.
-- Needs: helpers, identity, campaigns, ledger, jobs_tables, jobs_money, jobs_enqueue.
-- Adds to: campaigns, agent_jobs.

-- How the claim of a job ends: by a result, by the end of its lease, or by a cancellation. A cancellation has no
-- lease_token, because it keeps the lease, and with it the reservation.
create type groundwork.settlement as (
    job_id uuid,
    lease_token uuid,
    position bigint,
    user_id uuid,
    campaign_id uuid,
    reserved numeric,
    status public.job_status,
    retry_count integer,
    run_after timestamptz,
    error_code public.job_error_code,
    error_message text,
    output_data jsonb,
    assets jsonb,
    usage jsonb
);

-- What was booked for a job.
create type groundwork.booking as (
    job_id uuid,
    cost numeric,
    tokens bigint
);

-- Returns the jobs that used something that has no price.
create function groundwork.unpriced_jobs(settlements groundwork.settlement[], at timestamptz)
returns uuid[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return array(
        select distinct job.job_id
        from unnest(settlements) as job
        cross join lateral jsonb_to_recordset(job.usage) as used (model text, kind public.usage_kind)
        where not exists (
            select
            from groundwork.model_prices as listed
            where listed.model = used.model and listed.usage_kind = used.kind and listed.valid_from <= at
        )
    );
end
$$;

-- Rates the usage of these jobs, writes the ledger entries, and returns what was booked for each job. Costs beyond a
-- job's reservation are booked without its campaign, so that the campaign stays within its budget.
create function groundwork.book_usage(settlements groundwork.settlement[], at timestamptz)
returns groundwork.booking[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    booked groundwork.booking[];
begin
    with entry as (
        insert into public.budget_entries (
            user_id, resource_type, cost, tokens_used, model_used, agent_job_id, campaign_id, usage_kind, quantity,
            price_id, provider_request_id, created_at
        )
        select
            rated.user_id,
            case rated.kind
                when 'image' then 'image_generation'
                when 'search' then 'web_search'
                when 'embedding' then 'embedding'
                else 'openai_api'
            end::public.resource_type,
            rated.cost,
            case when rated.kind in ('image', 'search') then 0 else rated.quantity end,
            rated.model,
            rated.job_id,
            case
                when sum(rated.cost) over (partition by rated.job_id order by rated.ordinal) <= rated.reserved
                    then rated.campaign_id
            end,
            rated.kind,
            rated.quantity,
            rated.price_id,
            rated.request_id,
            at
        from (
            select
                job.user_id,
                job.job_id,
                job.campaign_id,
                job.reserved,
                used.model,
                used.kind,
                used.quantity,
                used.request_id,
                used.ordinal,
                price.id as price_id,
                groundwork.cost_of(used.quantity, price.price, price.per) as cost
            from unnest(settlements) as job
            cross join lateral rows from (
                jsonb_to_recordset(job.usage) as (
                    model text, kind public.usage_kind, quantity bigint, request_id text
                )
            ) with ordinality as used (model, kind, quantity, request_id, ordinal)
            cross join lateral (
                select listed.*
                from groundwork.model_prices as listed
                where listed.model = used.model and listed.usage_kind = used.kind and listed.valid_from <= at
                order by listed.valid_from desc
                limit 1
            ) as price
        ) as rated
        on conflict (user_id, agent_job_id, provider_request_id, usage_kind) where provider_request_id is not null
        do nothing
        returning agent_job_id, cost, tokens_used
    )
    select array_agg(row(sums.job_id, sums.cost, sums.tokens)::groundwork.booking)
    into booked
    from (
        select entry.agent_job_id as job_id, sum(entry.cost) as cost, sum(entry.tokens_used) as tokens
        from entry
        group by entry.agent_job_id
    ) as sums;
    return booked;
end
$$;

-- Settles these jobs: it writes the ledger, the content, the outputs, the statuses, the leases and the queue. Deleting
-- the leases frees what the jobs had reserved. The caller of this function wakes the jobs that wait for that money.
create function groundwork.settle_jobs(
    settlements groundwork.settlement[],
    has_usage boolean,
    has_assets boolean,
    has_pending boolean,
    at timestamptz
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    booked groundwork.booking[] := '{}'::groundwork.booking[];
begin
    if has_usage then
        -- The update below writes the sums of the jobs, so the trigger of the ledger does not have to.
        perform set_config('groundwork.settles_jobs', 'yes', true);
        booked := groundwork.book_usage(settlements, at);
        perform set_config('groundwork.settles_jobs', '', true);
    end if;

    if has_assets then
        insert into public.content_assets (
            user_id, title, content, content_type, status, metadata, campaign_id, agent_job_id
        )
        select
            job.user_id,
            asset.title,
            asset.content,
            asset.content_type,
            'review',
            coalesce(asset.metadata, '{}'),
            job.campaign_id,
            job.job_id
        from unnest(settlements) as job
        cross join lateral jsonb_to_recordset(job.assets) as asset (
            title text, content text, content_type public.content_type, metadata jsonb
        )
        where job.status = 'completed';
    end if;

    update public.agent_jobs as job
    set
        status = settled.status,
        output_data = case when settled.status = 'completed' then coalesce(settled.output_data, '{}') end,
        completed_at = case when settled.status <> 'pending' then greatest(at, job.started_at) end,
        error_code = settled.error_code,
        error_message = settled.error_message,
        retry_count = settled.retry_count,
        run_after = settled.run_after,
        waiting_for = null,
        cost = job.cost + coalesce(sums.cost, 0),
        tokens_used = job.tokens_used + coalesce(sums.tokens, 0),
        updated_at = greatest(at, now())
    from unnest(settlements) as settled
    left join unnest(booked) as sums on sums.job_id = settled.job_id
    where job.id = settled.job_id;

    delete from groundwork.leases as lease
    using unnest(settlements) as settled
    where lease.lease_token = settled.lease_token and lease.job_id = settled.job_id;

    if has_pending then
        insert into groundwork.job_queue (
            job_id, position, user_id, campaign_id, agent_type, priority, run_after, max_cost, retry_count, max_retries
        )
        overriding system value
        select
            job.id,
            -- The job gets its former position again.
            settled.position,
            job.user_id,
            job.campaign_id,
            job.agent_type,
            job.priority,
            settled.run_after,
            greatest(job.max_cost - job.cost, 0),
            settled.retry_count,
            job.max_retries
        from unnest(settlements) as settled
        join public.agent_jobs as job on job.id = settled.job_id
        where settled.status = 'pending';
        -- These jobs count for the quota again. check_queue_quota() knows how much room a user has until the queue
        -- reaches a position. So each of these jobs raises the position of the queue.
        perform nextval('groundwork.job_queue_position_seq')
        from unnest(settlements) as settled
        where settled.status = 'pending';
    end if;
end
$$;

-- Results -------------------------------------------------------------------------------------------------------------

-- Locks those leases of a worker's results that still hold, and returns how each job is settled.
create function groundwork.lock_results(results jsonb, at timestamptz)
returns groundwork.settlement[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    settlements groundwork.settlement[];
begin
    select array_agg(
        row(
            job.job_id,
            job.lease_token,
            job.position,
            job.user_id,
            job.campaign_id,
            job.reserved,
            -- status
            case
                when job.outcome = 'completed' then 'completed'
                when job.outcome = 'released' or job.is_retried then 'pending'
                else 'failed'
            end,
            -- retry_count
            job.retry_count + job.is_retried::integer,
            -- run_after
            case
                when job.is_retried
                    then at + make_interval(
                        secs => groundwork.backoff_seconds(
                            retries => job.retry_count,
                            base_seconds => 5,
                            asked_seconds => job.retry_after_seconds,
                            jitter => 0.5
                        )
                    )
            end,
            -- error_code
            case when job.outcome = 'failed' then coalesce(job.error_code, 'worker_failed') end,
            -- error_message
            case when job.outcome = 'failed' then coalesce(job.error_message, 'The worker gave no reason.') end,
            job.output_data,
            job.assets,
            job.usage
        )::groundwork.settlement
    )
    into settlements
    from (
        select
            lease.*,
            result.outcome,
            result.output_data,
            result.assets,
            result.usage,
            result.error_code,
            result.error_message,
            result.retry_after_seconds,
            result.outcome = 'failed'
            and coalesce(result.retryable, true)
            and lease.retry_count < lease.max_retries as is_retried
        from (
            select distinct on (given.job_id) given.*
            from jsonb_to_recordset(results) as given (
                job_id uuid, lease_token uuid, outcome text, output_data jsonb, assets jsonb, usage jsonb,
                error_code public.job_error_code, error_message text, retryable boolean, retry_after_seconds numeric
            )
        ) as result
        join groundwork.leases as lease
            on lease.lease_token = result.lease_token and lease.job_id = result.job_id
        order by lease.job_id
        for update of lease
    ) as job;
    return settlements;
end
$$;

-- Locks the leases that have expired, except those of `settled` jobs, and returns how each job is settled. The attempt
-- counts as failed. If retries are left, the job is retried at once.
create function groundwork.lock_expired_leases(settled uuid[], at timestamptz)
returns groundwork.settlement[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    settlements groundwork.settlement[];
begin
    -- The columns below are those of groundwork.settlement, in its order.
    select array_agg(job::groundwork.settlement)
    into settlements
    from (
        select
            lease.job_id,
            lease.lease_token,
            lease.position,
            lease.user_id,
            lease.campaign_id,
            lease.reserved,
            case when lease.retry_count < lease.max_retries then 'pending' else 'failed' end as status,
            lease.retry_count + (lease.retry_count < lease.max_retries)::integer as retry_count,
            null as run_after,
            'lease_expired' as error_code,
            format('The worker %s did not answer before its lease expired.', lease.worker_id) as error_message,
            null as output_data,
            null as assets,
            null as usage
        from groundwork.leases as lease
        where lease.expires_at <= at
            and not lease.is_cancelled
            -- SKIP LOCKED does not skip rows that this session has locked itself. A result that arrives after its lease
            -- has expired, but before a claim has found that, is accepted.
            and lease.job_id <> all(settled)
        order by lease.expires_at
        limit 500
        for update skip locked
    ) as job;
    return settlements;
end
$$;

-- Deletes the expired leases of cancelled jobs, whose workers have not reported a cost. Returns the users whose money
-- this frees.
create function groundwork.drop_cancelled_leases(at timestamptz)
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    user_ids uuid[];
begin
    with dropped as (
        delete from groundwork.leases
        where (lease_token, job_id) in (
            select lease.lease_token, lease.job_id
            from groundwork.leases as lease
            where lease.expires_at <= at and lease.is_cancelled
            order by lease.expires_at
            limit 500
            for update skip locked
        )
        returning user_id
    )
    select array_agg(distinct dropped.user_id)
    into user_ids
    from dropped;
    return user_ids;
end
$$;

-- No campaign pays, because nothing is reserved for the job any more.
--
-- Security definer: workers may neither read prices nor delete leases.
create function groundwork.book_late_usage(for_job uuid, usage jsonb, at timestamptz)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    late groundwork.settlement;
    settlements groundwork.settlement[];
begin
    late.job_id := for_job;
    late.user_id := (select job.user_id from public.agent_jobs as job where job.id = for_job);
    late.reserved := 0;
    late.usage := usage;
    if late.user_id is null then
        perform groundwork.raise_error('GW704');
    end if;
    settlements := array[late];
    if cardinality(groundwork.unpriced_jobs(settlements, at)) > 0 then
        perform groundwork.raise_error('GW801');
    end if;
    perform groundwork.book_usage(settlements, at);
    -- The cost is known now, so nothing has to be reserved for it.
    delete from groundwork.leases
    where user_id = late.user_id and job_id = for_job and is_cancelled;
    if found then
        perform groundwork.lock_reservations(array[late.user_id]);
        perform groundwork.wake_jobs_of_users(array[late.user_id]);
    end if;
end
$$;

-- Cancellation --------------------------------------------------------------------------------------------------------

-- Returns how a cancelled job is settled.
create function groundwork.cancellation(job_id uuid, retry_count integer)
returns groundwork.settlement
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    cancelled groundwork.settlement;
begin
    cancelled.job_id := job_id;
    cancelled.reserved := 0;
    cancelled.status := 'cancelled';
    cancelled.retry_count := retry_count;
    return cancelled;
end
$$;

-- Takes the user's unfinished jobs out of the queue, or away from their workers. The tokens of these workers are then
-- void. What the jobs had reserved stays reserved.
create function groundwork.take_jobs_to_cancel(for_user_id uuid, job_ids uuid[])
returns groundwork.settlement[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    settlements groundwork.settlement[] := '{}'::groundwork.settlement[];
begin
    -- A job that is claimed or given back between the two statements is found by neither of them, so they are repeated.
    -- A job that they never find was not queued: the owner of the schema wrote its row. The statements use `in (select
    -- …)`, because a kept plan of `= any(job_ids)` would compare each row with each of the ids.
    for round in 1..10 loop
        with queued as (
            delete from groundwork.job_queue
            where job_id in (select unnest(job_ids)) and user_id = for_user_id
            returning *
        )
        select settlements || array_agg(groundwork.cancellation(queued.job_id, queued.retry_count))
        into settlements
        from queued;
        with cancelled as (
            update groundwork.leases as lease
            set lease_token = gen_random_uuid(), is_cancelled = true
            from (
                select still.lease_token, still.job_id
                from groundwork.leases as still
                where still.user_id = for_user_id
                    and still.job_id in (select unnest(job_ids))
                    and not still.is_cancelled
                -- Every session locks leases in the order of their jobs.
                order by still.job_id
                for update
            ) as found
            where lease.lease_token = found.lease_token and lease.job_id = found.job_id
            returning lease.*
        )
        select settlements || array_agg(groundwork.cancellation(cancelled.job_id, cancelled.retry_count))
        into settlements
        from cancelled;
        job_ids := array(
            select job.id
            from public.agent_jobs as job
            where job.id in (select unnest(job_ids))
                and job.user_id = for_user_id
                and job.status in ('pending', 'running')
                and not exists (select from unnest(settlements) as found where found.job_id = job.id)
        );
        exit when cardinality(job_ids) = 0;
    end loop;
    return settlements;
end
$$;

-- Security definer: users may write neither jobs nor the queue.
create function groundwork.cancel_agent_job(wanted uuid, at timestamptz)
returns public.agent_jobs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    settlements groundwork.settlement[];
    job public.agent_jobs;
begin
    settlements := groundwork.take_jobs_to_cancel(groundwork.current_user_id(), array[wanted]);
    if cardinality(settlements) = 0 then
        job := groundwork.job_of_caller(wanted);
        perform groundwork.raise_error('GW702', format('%s does not lead to cancelled.', job.status));
    end if;
    perform groundwork.settle_jobs(
        settlements,
        has_usage => false,
        has_assets => false,
        has_pending => false,
        at => at
    );
    perform groundwork.lock_reservations(array[groundwork.current_user_id()]);
    perform groundwork.wake_jobs_of_users(array[groundwork.current_user_id()]);
    return groundwork.job_of_caller(wanted);
end
$$;

-- Trigger: cancels the unfinished jobs of a deleted campaign, because no budget limits them any more.
--
-- Security definer: a role that deletes a campaign may not write jobs.
create function groundwork.cancel_jobs_of_campaign()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    settlements groundwork.settlement[];
begin
    -- The user is being deleted with all their rows, so these rows can't be written any more.
    if not exists (select from public.users where id = old.user_id) then
        return old;
    end if;
    settlements := groundwork.take_jobs_to_cancel(
        old.user_id,
        array(
            select job.id
            from public.agent_jobs as job
            where job.user_id = old.user_id and job.campaign_id = old.id and job.status in ('pending', 'running')
        )
    );
    if cardinality(settlements) > 0 then
        perform groundwork.settle_jobs(
            settlements,
            has_usage => false,
            has_assets => false,
            has_pending => false,
            at => now()
        );
        perform groundwork.lock_reservations(array[old.user_id]);
        perform groundwork.wake_jobs_of_users(array[old.user_id]);
    end if;
    return old;
end
$$;

create trigger cancel_jobs_of_campaign
before delete on public.campaigns
for each row
execute function groundwork.cancel_jobs_of_campaign();

-- Trigger: takes an unfinished job that was deleted out of the queue, and frees what it had reserved.
--
-- Security definer: a role that deletes jobs may not write the queue.
create function groundwork.dequeue_deleted_job()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    freed numeric;
begin
    delete from groundwork.job_queue where job_id = old.id returning max_cost into freed;
    if not found then
        delete from groundwork.leases where user_id = old.user_id and job_id = old.id returning reserved into freed;
    end if;
    -- If the user is being deleted, none of their jobs has to be woken.
    if freed > 0 and exists (select from public.users where id = old.user_id) then
        perform groundwork.lock_reservations(array[old.user_id]);
        perform groundwork.wake_jobs_of_users(array[old.user_id]);
    end if;
    return old;
end
$$;

-- The trigger fires after the delete, because it may wake other jobs, and the same statement may delete them.
create trigger dequeue_deleted_job
after delete on public.agent_jobs
for each row
when (old.status in ('pending', 'running', 'cancelled'))
execute function groundwork.dequeue_deleted_job();

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.unpriced_jobs, groundwork.book_usage, groundwork.settle_jobs, groundwork.lock_results,
    groundwork.lock_expired_leases, groundwork.drop_cancelled_leases, groundwork.book_late_usage,
    groundwork.cancellation, groundwork.take_jobs_to_cancel, groundwork.cancel_agent_job,
    groundwork.cancel_jobs_of_campaign, groundwork.dequeue_deleted_job
from public, anon, authenticated, service_role;

grant execute on function groundwork.book_late_usage to service_role;

grant execute on function groundwork.cancel_agent_job to authenticated;
