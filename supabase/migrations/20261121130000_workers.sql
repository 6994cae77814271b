-- Workers: how jobs are claimed, kept and settled by whoever works on them.
-- Needs: identity, campaigns, agent jobs, spend guard, job queue.

-- Functions -----------------------------------------------------------------------------------------------------------

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

create function groundwork.retry_delay(retries integer, at_least_seconds numeric)
returns interval
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    -- Exponential, from five seconds to an hour; with jitter, lest jobs that failed together come back together.
    select make_interval(
        secs => greatest(
            least(coalesce(at_least_seconds, 0), 86400),
            least(3600, 5 * 2 ^ retries) * (0.5 + random() / 2)
        )::double precision
    );
$$;

-- The results of a worker, each with its lease, as far as that still holds.
create function groundwork.hold_results(results jsonb, at timestamptz)
returns groundwork.settlement[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    held groundwork.settlement[];
begin
    select array_agg(
        row(
            job.job_id,
            job.lease_token,
            job.position,
            job.user_id,
            job.campaign_id,
            job.may_cost,
            case
                when job.outcome = 'completed' then 'completed'
                when job.outcome = 'released' or (job.retryable and job.retry_count < job.max_retries) then 'pending'
                else 'failed'
            end,
            job.retry_count + (job.outcome = 'failed' and job.retryable and job.retry_count < job.max_retries)::integer,
            case
                when job.outcome = 'failed' and job.retryable and job.retry_count < job.max_retries
                    then at + groundwork.retry_delay(job.retry_count, job.retry_after_seconds)
            end,
            case when job.outcome = 'failed' then coalesce(job.error_code, 'worker_failed') end,
            case when job.outcome = 'failed' then coalesce(job.error_message, 'The worker gave no reason.') end,
            job.output_data,
            job.assets,
            job.usage,
            null,
            null
        )::groundwork.settlement
    )
    into held
    from (
        select
            lease.*,
            result.outcome,
            result.output_data,
            result.assets,
            result.usage,
            result.error_code,
            result.error_message,
            coalesce(result.retryable, true) as retryable,
            result.retry_after_seconds
        from (
            select distinct on (given.job_id) given.*
            from jsonb_to_recordset(results) as given (
                job_id uuid,
                lease_token uuid,
                outcome text,
                output_data jsonb,
                assets jsonb,
                usage jsonb,
                error_code public.job_error_code,
                error_message text,
                retryable boolean,
                retry_after_seconds numeric
            )
        ) as result
        join groundwork.leases as lease
            on lease.lease_token = result.lease_token and lease.job_id = result.job_id
        order by lease.job_id
        for update of lease
    ) as job;
    return held;
end
$$;

-- Jobs whose worker let the lease expire: an attempt that failed.
create function groundwork.hold_expired(settled uuid[], at timestamptz)
returns groundwork.settlement[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    held groundwork.settlement[];
begin
    select array_agg(
        row(
            job.job_id,
            job.lease_token,
            job.position,
            job.user_id,
            job.campaign_id,
            job.may_cost,
            case when job.retry_count < job.max_retries then 'pending' else 'failed' end,
            job.retry_count + (job.retry_count < job.max_retries)::integer,
            null,
            'lease_expired',
            format('The worker %s did not answer before its lease expired.', job.worker_id),
            null,
            null,
            null,
            null,
            null
        )::groundwork.settlement
    )
    into held
    from (
        select lease.*
        from groundwork.leases as lease
        where lease.expires_at <= at
            and not lease.is_cancelled
            -- Its own locks a session does not skip: a result that comes late, but before anybody missed it, counts.
            and lease.job_id <> all(settled)
        order by lease.expires_at
        limit 500
        for update skip locked
    ) as job;
    return held;
end
$$;

-- What is left of leases whose jobs were cancelled, and whose workers said no more. Answers whose money that frees.
create function groundwork.drop_cancelled_leases(at timestamptz)
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    people uuid[];
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
    into people
    from dropped;
    return people;
end
$$;

create function groundwork.make_due_jobs_ready(at timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    update groundwork.job_queue
    set run_after = null, waiting_for = null
    where job_id = any(
        array(
            select due.job_id
            from groundwork.job_queue as due
            where due.run_after <= at
            order by due.run_after
            limit 1000
            for update skip locked
        )
    );
end
$$;

-- The same as pick_ready_jobs() for one job, which is the next in the index: that of the person after the last, or else
-- of the first.
create function groundwork.pick_ready_job(agent_types public.agent_type[])
returns groundwork.pick[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    person uuid := coalesce(
        nullif(current_setting('groundwork.served_last', true), '')::uuid,
        gen_random_uuid()
    );
    next groundwork.pick;
    is_wrapped boolean := false;
begin
    loop
        select queued.job_id, queued.user_id, queued.campaign_id, queued.may_cost
        into next
        from groundwork.job_queue as queued
        where queued.run_after is null
            and queued.user_id > person
            and (agent_types is null or queued.agent_type = any(agent_types))
        order by queued.user_id, queued.priority desc, queued.position
        limit 1
        for update skip locked;
        exit when found;
        if is_wrapped then
            return '{}'::groundwork.pick[];
        end if;
        is_wrapped := true;
        person := '00000000-0000-0000-0000-000000000000';
    end loop;
    person := set_config('groundwork.served_last', next.user_id::text, false)::uuid;
    return array[next];
end
$$;

-- Goes round the people with ready jobs, from the one after whom this session served last: each gets as much of the
-- batch as the others, however long their queue is. Within a person, by priority, then by age.
create function groundwork.pick_ready_jobs(batch_size integer, agent_types public.agent_type[])
returns groundwork.pick[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    -- Of the session: nothing is written, so nothing is contended for. A new session starts anywhere.
    person uuid := coalesce(
        nullif(current_setting('groundwork.served_last', true), '')::uuid,
        gen_random_uuid()
    );
    served uuid[] := '{}'::uuid[];
    people uuid[];
    picked_ids uuid[] := '{}'::uuid[];
    picked groundwork.pick[] := '{}'::groundwork.pick[];
    share integer;
    more_ids uuid[];
    more groundwork.pick[];
    is_wrapped boolean := false;
begin
    if batch_size = 1 then
        return groundwork.pick_ready_job(agent_types);
    end if;

    -- Once round at most. Those whose jobs other sessions are just picking leave their turn to the next.
    while cardinality(picked) < batch_size loop
        people := '{}';
        while cardinality(people) < batch_size - cardinality(picked) loop
            select job.user_id
            into person
            from groundwork.job_queue as job
            where job.run_after is null
                and job.user_id > person
                and (agent_types is null or job.agent_type = any(agent_types))
            order by job.user_id
            limit 1;
            if person is null then
                exit when is_wrapped;
                is_wrapped := true;
                person := '00000000-0000-0000-0000-000000000000';
            else
                exit when person = any(served);
                people := people || person;
                served := served || person;
            end if;
        end loop;
        exit when cardinality(people) = 0;

        -- Who has fewer jobs than their share leaves the rest to the others.
        loop
            share := ceil((batch_size - cardinality(picked))::numeric / cardinality(people));
            select
                array_agg(job.job_id),
                array_agg(row(job.job_id, job.user_id, job.campaign_id, job.may_cost)::groundwork.pick)
            into more_ids, more
            from (
                select queued.*
                from unnest(people) with ordinality as guest (user_id, turn)
                cross join lateral (
                    select queued.job_id, queued.user_id, queued.campaign_id, queued.may_cost
                    from groundwork.job_queue as queued
                    where queued.run_after is null
                        and queued.user_id = guest.user_id
                        and (agent_types is null or queued.agent_type = any(agent_types))
                        and not queued.job_id = any(picked_ids)
                    order by queued.priority desc, queued.position
                    limit share
                    for update skip locked
                ) as queued
                order by guest.turn
                limit batch_size - cardinality(picked)
            ) as job;
            exit when more is null;
            picked_ids := picked_ids || more_ids;
            picked := picked || more;
            exit when cardinality(picked) >= batch_size;
        end loop;
    end loop;
    if cardinality(served) > 0 then
        person := set_config('groundwork.served_last', served[cardinality(served)]::text, false)::uuid;
    end if;
    return picked;
end
$$;

create function groundwork.is_room_for_all(picked groundwork.pick[], at timestamptz)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    this_month date := groundwork.month_of(at);
    is_room boolean;
begin
    with wanted as materialized (
        select pick.user_id, pick.campaign_id, sum(pick.may_cost) as amount
        from unnest(picked) as pick
        group by pick.user_id, pick.campaign_id
    ),
    -- Once for all of them: while a snapshot is held, many leases that are over are looked at here.
    reserved as materialized (
        select lease.user_id, lease.campaign_id, sum(lease.may_cost) as amount
        from groundwork.leases as lease
        where lease.user_id = any(array(select wanted.user_id from wanted))
        group by lease.user_id, lease.campaign_id
    )
    select not exists (
        select
        from wanted
        left join public.campaigns as campaign on campaign.id = wanted.campaign_id
        where wanted.campaign_id is not null
            and (
                campaign.status in ('draft', 'active')
                and (
                    wanted.amount = 0
                    or campaign.spend + wanted.amount + (
                        select coalesce(sum(reserved.amount), 0)
                        from reserved
                        where reserved.campaign_id = wanted.campaign_id
                    ) <= campaign.budget
                )
            ) is not true
    ) and not exists (
        select
        from (
            select wanted.user_id, sum(wanted.amount) as amount
            from wanted
            group by wanted.user_id
            having sum(wanted.amount) > 0
        ) as person
        left join groundwork.monthly_spends as sums on sums.user_id = person.user_id and sums.month = this_month
        where coalesce(sums.spent, 0) + person.amount + (
            select coalesce(sum(reserved.amount), 0)
            from reserved
            where reserved.user_id = person.user_id
        ) > groundwork.spend_limit_of(person.user_id)
    )
    into is_room;
    return is_room;
end
$$;

-- The same for one, in half the time.
create function groundwork.is_room_for_one(picked groundwork.pick, at timestamptz)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    this_month date := groundwork.month_of(at);
begin
    return (
        select
            (
                picked.campaign_id is null
                or (
                    campaign.status in ('draft', 'active')
                    and (
                        picked.may_cost = 0
                        or campaign.spend + picked.may_cost + coalesce(reserved.for_campaign, 0) <= campaign.budget
                    )
                )
            )
            and (
                picked.may_cost = 0
                or coalesce(sums.spent, 0) + picked.may_cost + coalesce(reserved.for_person, 0)
                <= groundwork.spend_limit_of(picked.user_id)
            )
        from (
            select
                sum(lease.may_cost) filter (where lease.campaign_id = picked.campaign_id) as for_campaign,
                sum(lease.may_cost) as for_person
            from groundwork.leases as lease
            where lease.user_id = picked.user_id
        ) as reserved
        left join public.campaigns as campaign on campaign.id = picked.campaign_id
        left join groundwork.monthly_spends as sums on sums.user_id = picked.user_id and sums.month = this_month
    );
end
$$;

-- Answers the picked jobs that there is money for. The others stay ready if it is only the jobs before them that take
-- the room, and wait, with the reason, if it is too small for them anyway.
create function groundwork.fitting_jobs(picked groundwork.pick[], at timestamptz)
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    fitting uuid[];
    waiting uuid[];
    reasons public.job_wait_reason[];
    campaigns uuid[];
begin
    -- Nearly always there is room for all of them together.
    if cardinality(picked) = 1 then
        if groundwork.is_room_for_one(picked[1], at) then
            return array[(picked[1]).job_id];
        end if;
    elsif groundwork.is_room_for_all(picked, at) then
        return array(select pick.job_id from unnest(picked) as pick);
    end if;

    -- Who changes a campaign looks for the jobs that wait for it, but does not see those that are just about to. So it
    -- is locked before they are told to wait; where that would take waiting, with the money locked, they stay ready.
    campaigns := array(
        select campaign.id
        from public.campaigns as campaign
        where campaign.id = any(array(select pick.campaign_id from unnest(picked) as pick))
        for no key update skip locked
    );
    with room as materialized (
        select person.user_id, groundwork.month_room(person.user_id, at) as amount
        from (
            select distinct pick.user_id
            from unnest(picked) as pick
        ) as person
    ),
    candidate as (
        select
            pick.job_id,
            pick.user_id,
            pick.campaign_id,
            pick.may_cost,
            pick.turn,
            case
                when pick.campaign_id is null then 'Infinity'
                when campaign.status in ('draft', 'active')
                    then campaign.budget
                    - campaign.spend
                    - groundwork.reserved_for_campaign(campaign.user_id, campaign.id)
            end as campaign_room,
            room.amount as person_room
        from unnest(picked) with ordinality as pick (job_id, user_id, campaign_id, may_cost, turn)
        join room on room.user_id = pick.user_id
        left join public.campaigns as campaign on campaign.id = pick.campaign_id
        where pick.campaign_id is null or pick.campaign_id = any(campaigns)
    ),
    judged as (
        select
            candidate.*,
            case
                when candidate.campaign_room is null then 'campaign_paused'
                when candidate.may_cost = 0 then null
                when candidate.may_cost > candidate.campaign_room then 'campaign_budget'
                when candidate.may_cost > candidate.person_room then 'monthly_limit'
            end::public.job_wait_reason as waiting_for
        from candidate
    ),
    fits_campaign as (
        select
            judged.*,
            judged.may_cost = 0
            or sum(judged.may_cost) over (partition by judged.campaign_id order by judged.turn)
            <= judged.campaign_room as is_fitting
        from judged
        where judged.waiting_for is null
    ),
    fits_person as (
        select
            job.job_id,
            job.turn,
            job.may_cost = 0
            or sum(job.may_cost) over (partition by job.user_id order by job.turn) <= job.person_room as is_fitting
        from fits_campaign as job
        where job.is_fitting
    )
    select
        array(select job.job_id from fits_person as job where job.is_fitting order by job.turn),
        array_agg(job.job_id order by job.turn) filter (where job.waiting_for is not null),
        array_agg(job.waiting_for order by job.turn) filter (where job.waiting_for is not null)
    into fitting, waiting, reasons
    from judged as job;

    if waiting is not null then
        with stopped as (
            update groundwork.job_queue as queued
            set
                waiting_for = why.reason,
                -- A new month brings new money. And once an hour it is looked at anyway: whoever was to run before it
                -- may have been cancelled, or a limit changed for everyone.
                run_after = least(
                    at + interval '1 hour',
                    case
                        when why.reason = 'monthly_limit'
                            then (groundwork.month_of(at) + interval '1 month') at time zone 'UTC'
                    end
                )
            from unnest(waiting, reasons) as why (job_id, reason)
            where queued.job_id = why.job_id
            returning queued.job_id, queued.waiting_for
        )
        update public.agent_jobs as job
        set waiting_for = stopped.waiting_for
        from stopped
        where job.id = stopped.job_id;
    end if;
    return fitting;
end
$$;

create function groundwork.lease_jobs(picked groundwork.pick[], for_worker text, lease_seconds integer, at timestamptz)
returns json
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    fitting uuid[] := groundwork.fitting_jobs(picked, at);
    -- One for all: it is the job and the token that a lease is known by, and no other claim has this token.
    token uuid := gen_random_uuid();
    until timestamptz := at + make_interval(secs => lease_seconds);
    expiry text := to_json(until);
    leased text;
begin
    with taken as (
        delete from groundwork.job_queue
        where job_id = any(fitting)
        returning *
    ),
    lease as (
        insert into groundwork.leases (
            lease_token,
            job_id,
            position,
            user_id,
            campaign_id,
            may_cost,
            retry_count,
            max_retries,
            worker_id,
            expires_at
        )
        select
            token,
            taken.job_id,
            taken.position,
            taken.user_id,
            taken.campaign_id,
            taken.may_cost,
            taken.retry_count,
            taken.max_retries,
            for_worker,
            until
        from taken
    ),
    started as (
        update public.agent_jobs as job
        set
            status = 'running',
            started_at = at,
            completed_at = null,
            run_after = null,
            waiting_for = null,
            updated_at = greatest(at, now())
        from taken
        where job.id = taken.job_id
        returning
            job.id,
            job.user_id,
            job.agent_type,
            job.input_data,
            job.campaign_id,
            taken.retry_count,
            taken.max_retries,
            taken.may_cost,
            taken.priority,
            taken.position
    )
    select
        string_agg(
            -- By hand, for a third of what functions for JSON cost: nothing in it has to be escaped.
            format(
                '{"id":"%s","user_id":"%s","agent_type":"%s","input_data":%s,"campaign_id":%s,"retry_count":%s,'
                '"max_retries":%s,"max_cost":%s,"lease_token":"%s","lease_expires_at":%s}',
                started.id,
                started.user_id,
                started.agent_type,
                started.input_data,
                coalesce('"' || started.campaign_id || '"', 'null'),
                started.retry_count,
                started.max_retries,
                started.may_cost,
                token,
                expiry
            ),
            ','
            order by started.priority desc, started.position
        )
    into leased
    from started;
    return ('[' || coalesce(leased, '') || ']')::json;
end
$$;

-- What every call of a worker comes down to. Results first: their leases are what may be waited for, then their
-- campaigns and months, in order; the jobs to claim are picked without waiting; and last of all the money of people is
-- locked, in order. So two workers never wait for each other.
--
-- Security definer: workers may write neither jobs nor the queue nor the ledger by other ways.
create function groundwork.exchange_agent_jobs(
    worker_id text,
    results jsonb,
    batch_size integer,
    lease_seconds integer,
    agent_types public.agent_type[],
    at timestamptz
)
returns json
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- Every statement is an index probe, whatever the statistics say of a queue that was empty a moment ago.
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set jit = 'off'
as $$
declare
    held groundwork.settlement[];
    unpriced uuid[] := '{}'::uuid[];
    picked groundwork.pick[] := '{}'::groundwork.pick[];
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
    if lease_seconds is null or lease_seconds not between 1 and 3600 then
        perform groundwork.check_lease_seconds(lease_seconds);
    end if;
    -- With an older snapshot it would not see what others have just reserved.
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
        held := groundwork.hold_results(results, at);
        has_assets := jsonb_path_exists(results, '$[*].assets[*]');
        has_usage := jsonb_path_exists(results, '$[*].usage[*]');
        has_pending := jsonb_path_exists(results, '$[*] ? (@.outcome != "completed")');
        if has_usage then
            unpriced := groundwork.unpriced_jobs(held, at);
        end if;
        if cardinality(unpriced) > 0 then
            held := array(select job from unnest(held) as job where job.job_id <> all(unpriced));
        end if;
        if cardinality(held) is distinct from jsonb_array_length(results) then
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
            where not exists (select from unnest(held) as job where job.job_id = result.job_id);
        end if;
    end if;

    if batch_size > 0 then
        select
            exists (select from groundwork.leases where expires_at <= at),
            exists (select from groundwork.job_queue where run_after <= at)
        into is_expired, is_due;
        -- A result that comes late, but before anybody missed it, counts: so what is held by now has not expired.
        if is_expired then
            held := held || groundwork.hold_expired(array(select job.job_id from unnest(held) as job), at);
            freed := groundwork.drop_cancelled_leases(at);
        end if;
        if is_due then
            perform groundwork.make_due_jobs_ready(at);
        end if;
    end if;
    if cardinality(held) > 0 then
        perform groundwork.settle_jobs(held, has_usage, has_assets, has_pending or is_expired, at);
    end if;
    if batch_size > 0 then
        picked := groundwork.pick_ready_jobs(batch_size, agent_types);
    end if;
    -- A claim that a crash takes back is made again, so nobody waits for the disk to have it. Results are waited for.
    if held is null then
        perform set_config('synchronous_commit', 'off', true);
    end if;

    -- Whose money becomes free, and whose is about to be reserved.
    perform groundwork.lock_money(
        array(
            select settled.user_id from unnest(held) as settled where settled.reserved > 0
            union all
            select unnest(freed)
            union all
            select pick.user_id from unnest(picked) as pick where pick.may_cost > 0
        )
    );
    if held is not null or freed is not null then
        perform groundwork.wake_jobs_of_people(
            freed || array(select settled.user_id from unnest(held) as settled where settled.reserved > 0)
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

-- Security definer: see exchange_agent_jobs().
create function groundwork.settle_agent_job(result jsonb, at timestamptz)
returns public.agent_jobs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    job public.agent_jobs;
    refused jsonb := (groundwork.exchange_agent_jobs('', jsonb_build_array(result), 0, 1, null, at) -> 'refused')::jsonb;
begin
    if refused <> '[]' then
        perform groundwork.raise_error(refused -> 0 ->> 'code', format('Job %s.', result ->> 'job_id'));
    end if;
    select settled.* into job from public.agent_jobs as settled where settled.id = (result ->> 'job_id')::uuid;
    return job;
end
$$;

-- Security definer: see exchange_agent_jobs().
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
        -- In the order in which everybody locks them.
        order by still.job_id
        for update of still
    ) as held
    where lease.lease_token = held.lease_token and lease.job_id = held.job_id
    returning lease.job_id;
end
$$;

-- Security definer: see exchange_agent_jobs(). Nothing is reserved for it any more, so no campaign pays.
create function groundwork.book_late_usage(for_job uuid, usage jsonb, at timestamptz)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    held groundwork.settlement[];
begin
    select array[
        row(
            job.id, null, null, job.user_id, null, 0, null, null, null, null, null, null, null, usage, null, null
        )::groundwork.settlement
    ]
    into held
    from public.agent_jobs as job
    where job.id = for_job;
    if held is null then
        perform groundwork.raise_error('GW704');
    end if;
    if cardinality(groundwork.unpriced_jobs(held, at)) > 0 then
        perform groundwork.raise_error('GW801');
    end if;
    perform groundwork.book_usage(held, at);
    -- Now that it is known, nothing has to be kept back for it.
    delete from groundwork.leases
    where user_id = held[1].user_id and job_id = for_job and is_cancelled;
    if found then
        perform groundwork.lock_money(array[held[1].user_id]);
        perform groundwork.wake_jobs_of_people(array[held[1].user_id]);
    end if;
end
$$;

-- Security definer: workers may not write the list.
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

create function public.exchange_agent_jobs(
    worker_id text,
    results jsonb default '[]',
    batch_size integer default 10,
    lease_seconds integer default 60,
    agent_types public.agent_type[] default null
)
returns json
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.exchange_agent_jobs(worker_id, results, batch_size, lease_seconds, agent_types, now());
end
$$;

create function public.claim_agent_jobs(
    worker_id text,
    batch_size integer default 10,
    lease_seconds integer default 60,
    agent_types public.agent_type[] default null
)
returns table (
    id uuid,
    user_id uuid,
    agent_type public.agent_type,
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
        agent_type public.agent_type,
        input_data jsonb,
        campaign_id uuid,
        retry_count integer,
        max_retries integer,
        max_cost numeric,
        lease_token uuid,
        lease_expires_at timestamptz
    );
$$;

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

create function public.heartbeat_agent_jobs(leases jsonb, lease_seconds integer default 60)
returns setof uuid
language sql
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.heartbeat_agent_jobs(leases, lease_seconds, now());
$$;

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

create function public.book_late_usage(job_id uuid, usage jsonb)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.book_late_usage(job_id, usage, now());
$$;

create function public.await_agent_jobs(worker_id text)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.await_agent_jobs(worker_id, now());
$$;

-- Grants --------------------------------------------------------------------------------------------------------------

revoke all on function groundwork.check_lease_seconds(integer) from public, anon, authenticated, service_role;
revoke all on function groundwork.retry_delay(integer, numeric) from public, anon, authenticated, service_role;
revoke all on function groundwork.hold_results(jsonb, timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.hold_expired(uuid[], timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.drop_cancelled_leases(timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.make_due_jobs_ready(timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.pick_ready_job(public.agent_type[]) from public, anon, authenticated, service_role;
revoke all on function groundwork.pick_ready_jobs(integer, public.agent_type[])
from public, anon, authenticated, service_role;
revoke all on function groundwork.is_room_for_one(groundwork.pick, timestamptz)
from public, anon, authenticated, service_role;
revoke all on function groundwork.is_room_for_all(groundwork.pick[], timestamptz)
from public, anon, authenticated, service_role;
revoke all on function groundwork.fitting_jobs(groundwork.pick[], timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.lease_jobs(groundwork.pick[], text, integer, timestamptz)
from public, anon, authenticated, service_role;
revoke all on function groundwork.exchange_agent_jobs(text, jsonb, integer, integer, public.agent_type[], timestamptz)
from public, anon, authenticated, service_role;
revoke all on function groundwork.settle_agent_job(jsonb, timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.heartbeat_agent_jobs(jsonb, integer, timestamptz)
from public, anon, authenticated, service_role;
revoke all on function groundwork.book_late_usage(uuid, jsonb, timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.await_agent_jobs(text, timestamptz) from public, anon, authenticated, service_role;
revoke all on function public.exchange_agent_jobs(text, jsonb, integer, integer, public.agent_type[])
from public, anon, authenticated, service_role;
revoke all on function public.claim_agent_jobs(text, integer, integer, public.agent_type[])
from public, anon, authenticated, service_role;
revoke all on function public.heartbeat_agent_job(uuid, uuid, integer) from public, anon, authenticated, service_role;
revoke all on function public.heartbeat_agent_jobs(jsonb, integer) from public, anon, authenticated, service_role;
revoke all on function public.complete_agent_job(uuid, uuid, jsonb, jsonb, jsonb)
from public, anon, authenticated, service_role;
revoke all on function public.fail_agent_job(uuid, uuid, text, boolean, jsonb, public.job_error_code)
from public, anon, authenticated, service_role;
revoke all on function public.release_agent_job(uuid, uuid) from public, anon, authenticated, service_role;
revoke all on function public.book_late_usage(uuid, jsonb) from public, anon, authenticated, service_role;
revoke all on function public.await_agent_jobs(text) from public, anon, authenticated, service_role;

grant execute on function groundwork.exchange_agent_jobs(text, jsonb, integer, integer, public.agent_type[], timestamptz)
to service_role;
grant execute on function groundwork.settle_agent_job(jsonb, timestamptz) to service_role;
grant execute on function groundwork.heartbeat_agent_jobs(jsonb, integer, timestamptz) to service_role;
grant execute on function groundwork.book_late_usage(uuid, jsonb, timestamptz) to service_role;
grant execute on function groundwork.await_agent_jobs(text, timestamptz) to service_role;
grant execute on function public.exchange_agent_jobs(text, jsonb, integer, integer, public.agent_type[])
to service_role;
grant execute on function public.claim_agent_jobs(text, integer, integer, public.agent_type[]) to service_role;
grant execute on function public.heartbeat_agent_job(uuid, uuid, integer) to service_role;
grant execute on function public.heartbeat_agent_jobs(jsonb, integer) to service_role;
grant execute on function public.complete_agent_job(uuid, uuid, jsonb, jsonb, jsonb) to service_role;
grant execute on function public.fail_agent_job(uuid, uuid, text, boolean, jsonb, public.job_error_code)
to service_role;
grant execute on function public.release_agent_job(uuid, uuid) to service_role;
grant execute on function public.book_late_usage(uuid, jsonb) to service_role;
grant execute on function public.await_agent_jobs(text) to service_role;

-- Data ----------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    (
        'GW703',
        409,
        'The lease on this job is lost.',
        'It expired, or the job was cancelled or ended. Drop the result; book what it cost with book_late_usage().'
    ),
    ('GW708', 400, 'A worker may not ask for this.', 'See the details.');

-- Comments ------------------------------------------------------------------------------------------------------------

comment on function groundwork.check_lease_seconds(integer) is 'Raises GW708 outside of 1 to 3600.';
comment on function groundwork.retry_delay(integer, numeric) is 'How long a job waits after so many retries.';
comment on function groundwork.hold_results(jsonb, timestamptz) is
    'Locks the leases that the results still have, and says what becomes of each job.';
comment on function groundwork.hold_expired(uuid[], timestamptz) is
    'Locks the leases that have expired, but for those settled anyway, and says what becomes of each job.';
comment on function groundwork.drop_cancelled_leases(timestamptz) is
    'Frees what cancelled jobs still reserve after their leases have expired, and answers for whom.';
comment on function groundwork.make_due_jobs_ready(timestamptz) is 'Makes jobs ready whose time has come.';
comment on function groundwork.pick_ready_job(public.agent_type[]) is 'Locks and answers the job that is next.';
comment on function groundwork.pick_ready_jobs(integer, public.agent_type[]) is
    'Locks and answers the jobs that are next, fair between people.';
comment on function groundwork.is_room_for_one(groundwork.pick, timestamptz) is
    'Whether the job''s campaign runs, and its campaign and its person''s month have the money.';
comment on function groundwork.is_room_for_all(groundwork.pick[], timestamptz) is
    'Whether campaigns and people have room for all of these jobs together.';
comment on function groundwork.fitting_jobs(groundwork.pick[], timestamptz) is
    'Answers the picked jobs that there is money for, and has the others say why they wait.';
comment on function groundwork.lease_jobs(groundwork.pick[], text, integer, timestamptz) is
    'Leases the picked jobs to a worker, as far as there is money for them.';
comment on function groundwork.exchange_agent_jobs(text, jsonb, integer, integer, public.agent_type[], timestamptz) is
    'What public.exchange_agent_jobs() does.';
comment on function groundwork.settle_agent_job(jsonb, timestamptz) is 'Settles one result. Errors: GW703, GW801.';
comment on function groundwork.heartbeat_agent_jobs(jsonb, integer, timestamptz) is
    'What public.heartbeat_agent_jobs() does.';
comment on function groundwork.book_late_usage(uuid, jsonb, timestamptz) is 'What public.book_late_usage() does.';
comment on function groundwork.await_agent_jobs(text, timestamptz) is 'What public.await_agent_jobs() does.';
comment on function public.exchange_agent_jobs(text, jsonb, integer, integer, public.agent_type[]) is
    'Service role only: settles results and claims the next jobs, in one transaction. A result: {"job_id", '
    '"lease_token", "outcome": "completed" | "failed" | "released", "output_data", "assets", "usage", "error_code", '
    '"error_message", "retryable", "retry_after_seconds"}. Answers {"claimed": [job…], "refused": [{"job_id", '
    '"code"}…], "picked": n}. A refused result changed nothing. More were picked than claimed if there was no money '
    'for some; only 0 means that nothing is ready. Error: GW708.';
comment on function public.claim_agent_jobs(text, integer, integer, public.agent_type[]) is
    'Service role only: leases up to batch_size (1000) jobs for lease_seconds (3600), fair between people, then by '
    'priority, then by age, each with its money reserved. max_cost is what is left for this attempt. Error: GW708.';
comment on function public.heartbeat_agent_job(uuid, uuid, integer) is
    'Service role only: extends the lease to lease_seconds from now. Errors: GW703, GW708.';
comment on function public.heartbeat_agent_jobs(jsonb, integer) is
    'Service role only: extends leases, [{"job_id", "lease_token"}…], and answers the ids of those that still hold. '
    'Error: GW708.';
comment on function public.complete_agent_job(uuid, uuid, jsonb, jsonb, jsonb) is
    'Service role only: output, content, ledger and state in one transaction. assets: [{"title", "content", '
    '"content_type", "metadata"}…]; usage: [{"model", "kind", "quantity", "request_id"}…]. Errors: GW703, GW801.';
comment on function public.fail_agent_job(uuid, uuid, text, boolean, jsonb, public.job_error_code) is
    'Service role only: the attempt failed and cost this usage. It is tried again after a while, unless retryable is '
    'false or the retries are used up. Errors: GW703, GW801.';
comment on function public.release_agent_job(uuid, uuid) is
    'Service role only: gives a job back unfinished, which is no attempt. Error: GW703.';
comment on function public.book_late_usage(uuid, jsonb) is
    'Service role only: what a worker spent on a job whose lease it had lost. The money is gone all the same, so the '
    'ledger knows it; no campaign pays. Errors: GW704, GW801.';
comment on function public.await_agent_jobs(text) is
    'Service role only: says that the worker listens on the channel groundwork_agent_jobs and has nothing to do. Look once more '
    'afterwards.';
