-- Jobs, exchange: workers send back results, get the next jobs and extend their leases.
-- Needs: helpers, jobs_tables, jobs_money, jobs_settle, jobs_claim.

-- Raises GW708 if lease_seconds is not from 1 to 3600.
create function groundwork.check_lease_seconds(lease_seconds integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if lease_seconds is null or lease_seconds not between 1 and 3600 then
        perform groundwork.raise_error('GW708', 'lease_seconds is to be from 1 to 3600.');
    end if;
end
$$;

-- Settles results and claims the next jobs, in one transaction. The order of its locks keeps two workers from waiting
-- for each other. First come the leases of the results, then their campaigns and months, each in the order of their
-- ids. Then come expired leases, the jobs to claim and the campaigns of jobs that are too dear; it skips those that are
-- locked. Last come the reservations of users, in one order.
--
-- Security definer: workers may write neither jobs nor the queue directly.
create function groundwork.exchange_agent_jobs(
    worker_id text,
    results jsonb,
    batch_size integer,
    lease_seconds integer,
    agent_types text[],
    at timestamptz
)
returns json
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- Every statement must use an index, even if the statistics are from a time when the queue was empty.
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set jit = 'off'
as $$
declare
    settlements groundwork.settlement[];
    unpriced uuid[] := '{}'::uuid[];
    picked groundwork.picked_job[] := '{}'::groundwork.picked_job[];
    has_usage boolean := false;
    has_assets boolean := false;
    has_pending boolean := false;
    is_expired boolean := false;
    freed uuid[];
    is_due boolean;
    refused jsonb := '[]'::jsonb;
begin
    if batch_size is null or batch_size not between 0 and 1000 then
        perform groundwork.raise_error('GW708', 'batch_size is to be from 0 to 1000.');
    end if;
    perform groundwork.check_lease_seconds(lease_seconds);
    -- A transaction with an older snapshot would not see what other sessions have just reserved.
    if batch_size > 0 and current_setting('transaction_isolation') <> 'read committed' then
        perform groundwork.raise_error('GW708', 'Jobs are claimed in a transaction that is read committed.');
    end if;
    if jsonb_typeof(results) is distinct from 'array' then
        perform groundwork.raise_error('GW708', 'results is no JSON array.');
    end if;

    if results <> '[]' then
        if jsonb_path_exists(
            results,
            '$[*] ? (!(@.outcome == "completed" || @.outcome == "failed" || @.outcome == "released"))'
        ) then
            perform groundwork.raise_error('GW708', 'An outcome is to be completed, failed or released.');
        end if;
        settlements := groundwork.lock_results(results, at);
        has_assets := jsonb_path_exists(results, '$[*].assets[*]');
        has_usage := jsonb_path_exists(results, '$[*].usage[*]');
        has_pending := jsonb_path_exists(results, '$[*] ? (@.outcome != "completed")');
        if has_usage then
            unpriced := groundwork.unpriced_jobs(settlements, at);
        end if;
        if cardinality(unpriced) > 0 then
            settlements := array(select job from unnest(settlements) as job where job.job_id <> all(unpriced));
        end if;
        if cardinality(settlements) is distinct from jsonb_array_length(results) then
            select
                coalesce(
                    jsonb_agg(
                        jsonb_build_object(
                            'job_id', result.job_id,
                            'code', case when result.job_id = any(unpriced) then 'GW801' else 'GW703' end
                        )
                    ),
                    '[]'
                )
            into refused
            from jsonb_to_recordset(results) as result (job_id uuid)
            where not exists (select from unnest(settlements) as job where job.job_id = result.job_id);
        end if;
    end if;

    if batch_size > 0 then
        select
            exists (select from groundwork.leases where expires_at <= at),
            exists (select from groundwork.job_queue where run_after <= at)
        into is_expired, is_due;
        -- A lease does not count as expired if its result was just accepted.
        if is_expired then
            settlements := settlements || groundwork.lock_expired_leases(
                array(select job.job_id from unnest(settlements) as job),
                at
            );
            freed := groundwork.drop_cancelled_leases(at);
        end if;
        if is_due then
            perform groundwork.make_due_jobs_ready(at);
        end if;
    end if;
    if cardinality(settlements) > 0 then
        perform groundwork.settle_jobs(
            settlements,
            has_usage => has_usage,
            has_assets => has_assets,
            has_pending => has_pending or is_expired,
            at => at
        );
    end if;
    if batch_size > 0 then
        picked := groundwork.pick_ready_jobs(batch_size, agent_types);
    end if;
    -- If a crash undoes a claim, the jobs are claimed again. So a call that only claims does not wait until its commit
    -- is on disk. A call that settles jobs waits for that.
    if settlements is null then
        perform set_config('synchronous_commit', 'off', true);
    end if;

    -- These are the users whose money becomes free, and those whose money is about to be reserved.
    perform groundwork.lock_reservations(
        array(
            select settled.user_id from unnest(settlements) as settled where settled.reserved > 0
            union all
            select unnest(freed)
            union all
            select pick.user_id from unnest(picked) as pick where pick.max_cost > 0
        )
    );
    if settlements is not null or freed is not null then
        perform groundwork.wake_jobs_of_users(
            freed || array(select settled.user_id from unnest(settlements) as settled where settled.reserved > 0)
        );
    end if;
    return json_build_object(
        'claimed', case
            when cardinality(picked) > 0 then groundwork.lease_jobs(picked, worker_id, lease_seconds, at)
            else '[]'::json
        end,
        'refused', refused,
        'picked', cardinality(picked)
    );
end
$$;

-- Settles one result, and returns its job. Errors: GW703, GW801.
--
-- Security definer: workers may write neither jobs nor the queue directly.
create function groundwork.settle_agent_job(result jsonb, at timestamptz)
returns public.agent_jobs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    job public.agent_jobs;
    refused jsonb;
begin
    refused := groundwork.exchange_agent_jobs('', jsonb_build_array(result), 0, 1, null, at) -> 'refused';
    if refused <> '[]' then
        perform groundwork.raise_error(refused -> 0 ->> 'code', format('Job %s.', result ->> 'job_id'));
    end if;
    select settled.* into job from public.agent_jobs as settled where settled.id = (result ->> 'job_id')::uuid;
    return job;
end
$$;

-- Security definer: workers may not write leases directly.
create function groundwork.heartbeat_agent_jobs(leases jsonb, lease_seconds integer, at timestamptz)
returns setof uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform groundwork.check_lease_seconds(lease_seconds);
    return query
    update groundwork.leases as lease
    set expires_at = at + make_interval(secs => lease_seconds)
    from (
        select still.lease_token, still.job_id
        from jsonb_to_recordset(leases) as given (job_id uuid, lease_token uuid)
        join groundwork.leases as still
            on still.lease_token = given.lease_token and still.job_id = given.job_id
        -- Every session locks leases in the order of their jobs.
        order by still.job_id
        for update of still
    ) as locked
    where lease.lease_token = locked.lease_token and lease.job_id = locked.job_id
    returning lease.job_id;
end
$$;

-- Security definer: workers may not write the table of listeners directly.
create function groundwork.await_agent_jobs(worker text, at timestamptz)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
    delete from groundwork.job_listeners where seen_at < at - interval '1 day';
    insert into groundwork.job_listeners (worker_id, is_idle, seen_at)
    values (worker, true, at)
    on conflict (worker_id) do update set is_idle = true, seen_at = excluded.seen_at;
$$;

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    (
        'GW703', 409, 'The lease on this job is lost.',
        'It expired, or the job was cancelled or ended. Drop the result; book what it cost with book_late_usage().'
    ),
    ('GW708', 400, 'A worker may not ask for this.', 'See the details.');

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.check_lease_seconds, groundwork.exchange_agent_jobs, groundwork.settle_agent_job,
    groundwork.heartbeat_agent_jobs, groundwork.await_agent_jobs
from public, anon, authenticated, service_role;

grant execute on function
    groundwork.exchange_agent_jobs,
    groundwork.settle_agent_job,
    groundwork.heartbeat_agent_jobs,
    groundwork.await_agent_jobs
to service_role;
