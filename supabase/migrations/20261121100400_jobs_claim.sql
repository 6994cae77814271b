-- Jobs, claim: picks the next jobs, checks which of them there is money for, and leases these.
-- Needs: helpers, campaigns, ledger, jobs_tables, jobs_money.

-- A job that a claim has picked for a worker.
create type groundwork.picked_job as (
    job_id uuid,
    user_id uuid,
    campaign_id uuid,
    max_cost numeric
);

-- Makes jobs ready whose run_after has passed.
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

select groundwork.create_round_robin(
    'users_with_ready_jobs',
    'groundwork.job_queue',
    'agent_types text[]',
    'queued.run_after is null and (agent_types is null or queued.agent_type = any(agent_types))'
);

-- Locks and returns the next job: the first one of the user who comes next in the index, after the user whom this
-- session served last. It does in one statement what pick_ready_jobs() does for a batch of one.
create function groundwork.pick_ready_job(agent_types text[])
returns groundwork.picked_job[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    last_user_id uuid := groundwork.last_served_user('groundwork.last_served_user');
    next groundwork.picked_job;
    is_wrapped boolean := false;
begin
    loop
        select queued.job_id, queued.user_id, queued.campaign_id, queued.max_cost
        into next
        from groundwork.job_queue as queued
        where queued.run_after is null
            and queued.user_id > last_user_id
            and (agent_types is null or queued.agent_type = any(agent_types))
        order by queued.user_id, queued.priority desc, queued.position
        limit 1
        for update skip locked;
        exit when found;
        if is_wrapped then
            return '{}'::groundwork.picked_job[];
        end if;
        is_wrapped := true;
        last_user_id := '00000000-0000-0000-0000-000000000000';
    end loop;
    perform set_config('groundwork.last_served_user', next.user_id::text, false);
    return array[next];
end
$$;

-- Locks and returns the next jobs. It visits the users with ready jobs in turn, and begins after the user whom this
-- session served last. Each user gets an equal share of the batch, however many jobs they have. Among the jobs of one
-- user the highest priority comes first, then the oldest job.
create function groundwork.pick_ready_jobs(batch_size integer, agent_types text[])
returns groundwork.picked_job[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    last_user_id uuid;
    served uuid[] := '{}'::uuid[];
    user_ids uuid[];
    picked_ids uuid[] := '{}'::uuid[];
    picked groundwork.picked_job[] := '{}'::groundwork.picked_job[];
    share integer;
    more_ids uuid[];
    more groundwork.picked_job[];
begin
    if batch_size = 1 then
        return groundwork.pick_ready_job(agent_types);
    end if;
    last_user_id := groundwork.last_served_user('groundwork.last_served_user');

    -- It visits each user once. If another session is picking a user's jobs, the next user gets the turn.
    while cardinality(picked) < batch_size loop
        user_ids := groundwork.users_with_ready_jobs(last_user_id, batch_size - cardinality(picked), agent_types);
        if cardinality(served) > 0 then
            user_ids := array(
                select next.user_id
                from unnest(user_ids) with ordinality as next (user_id, turn)
                where next.user_id <> all(served)
                order by next.turn
            );
        end if;
        exit when cardinality(user_ids) = 0;
        served := served || user_ids;
        last_user_id := user_ids[cardinality(user_ids)];

        -- If a user has fewer jobs than their share, the others get the rest.
        loop
            share := ceil((batch_size - cardinality(picked))::numeric / cardinality(user_ids));
            select
                array_agg(job.job_id),
                array_agg(row(job.job_id, job.user_id, job.campaign_id, job.max_cost)::groundwork.picked_job)
            into more_ids, more
            from (
                select queued.*
                from unnest(user_ids) with ordinality as next (user_id, turn)
                cross join lateral (
                    select queued.job_id, queued.user_id, queued.campaign_id, queued.max_cost
                    from groundwork.job_queue as queued
                    where queued.run_after is null
                        and queued.user_id = next.user_id
                        and (agent_types is null or queued.agent_type = any(agent_types))
                        and not queued.job_id = any(picked_ids)
                    order by queued.priority desc, queued.position
                    limit share
                    for update skip locked
                ) as queued
                order by next.turn
                limit batch_size - cardinality(picked)
            ) as job;
            exit when more is null;
            picked_ids := picked_ids || more_ids;
            picked := picked || more;
            exit when cardinality(picked) >= batch_size;
        end loop;
    end loop;
    if cardinality(served) > 0 then
        perform set_config('groundwork.last_served_user', last_user_id::text, false);
    end if;
    return picked;
end
$$;

-- Money for what was picked -------------------------------------------------------------------------------------------

-- Returns whether the job's campaign lets jobs run, and whether the campaign's budget and the user's monthly limit have
-- room for the job. It does for one job what is_room_for_all() does, in half the time.
create function groundwork.is_room_for_one(picked groundwork.picked_job, at timestamptz)
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
                        picked.max_cost = 0
                        or campaign.spend + picked.max_cost + coalesce(reserved.for_campaign, 0) <= campaign.budget
                    )
                )
            )
            and (
                picked.max_cost = 0
                or coalesce(sums.spent, 0) + picked.max_cost + coalesce(reserved.for_user, 0)
                <= groundwork.spend_limit_of(picked.user_id)
            )
        from (
            select
                sum(lease.reserved) filter (where lease.campaign_id = picked.campaign_id) as for_campaign,
                sum(lease.reserved) as for_user
            from groundwork.leases as lease
            where lease.user_id = picked.user_id
        ) as reserved
        left join public.campaigns as campaign on campaign.id = picked.campaign_id
        left join groundwork.monthly_spends as sums on sums.user_id = picked.user_id and sums.month = this_month
    );
end
$$;

-- Returns whether campaigns and users have room for all of these jobs together.
create function groundwork.is_room_for_all(picked groundwork.picked_job[], at timestamptz)
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
        select pick.user_id, pick.campaign_id, sum(pick.max_cost) as amount
        from unnest(picked) as pick
        group by pick.user_id, pick.campaign_id
    ),
    -- The leases are read once for all jobs. While another session holds an old snapshot, dead rows can't be removed,
    -- and this also reads the leases that have ended.
    reserved as materialized (
        select lease.user_id, lease.campaign_id, sum(lease.reserved) as amount
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
        ) as payer
        left join groundwork.monthly_spends as sums on sums.user_id = payer.user_id and sums.month = this_month
        where coalesce(sums.spent, 0) + payer.amount + (
            select coalesce(sum(reserved.amount), 0)
            from reserved
            where reserved.user_id = payer.user_id
        ) > groundwork.spend_limit_of(payer.user_id)
    )
    into is_room;
    return is_room;
end
$$;

-- Returns the picked jobs that there is money for. A job that would fit without the jobs before it stays ready. A job
-- that is too expensive even alone waits, with the reason in waiting_for.
create function groundwork.affordable_jobs(picked groundwork.picked_job[], at timestamptz)
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    fitting uuid[];
    waiting uuid[];
    reasons public.job_wait_reason[];
    locked_campaign_ids uuid[];
begin
    -- Almost always there is room for all of them together.
    if cardinality(picked) = 1 then
        if groundwork.is_room_for_one(picked[1], at) then
            return array[(picked[1]).job_id];
        end if;
    elsif groundwork.is_room_for_all(picked, at) then
        return array(select pick.job_id from unnest(picked) as pick);
    end if;

    -- A session that changes a campaign wakes the jobs that wait for it. It can't see the jobs that this transaction is
    -- about to make wait. So this transaction locks the campaign first. It does not wait for the lock, because it holds
    -- the locks of reservations already. If it does not get the lock, the jobs of the campaign stay ready.
    locked_campaign_ids := array(
        select campaign.id
        from public.campaigns as campaign
        where campaign.id = any(array(select pick.campaign_id from unnest(picked) as pick))
        for no key update skip locked
    );
    with room as materialized (
        select payer.user_id, groundwork.month_room(payer.user_id, at) as amount
        from (
            select distinct pick.user_id
            from unnest(picked) as pick
        ) as payer
    ),
    candidate as (
        select
            pick.job_id,
            pick.user_id,
            pick.campaign_id,
            pick.max_cost,
            pick.turn,
            case
                when pick.campaign_id is null then 'Infinity'
                when campaign.status in ('draft', 'active')
                    then campaign.budget
                    - campaign.spend
                    - groundwork.reserved_for_campaign(campaign.user_id, campaign.id)
            end as campaign_room,
            room.amount as user_room
        from unnest(picked) with ordinality as pick (job_id, user_id, campaign_id, max_cost, turn)
        join room on room.user_id = pick.user_id
        left join public.campaigns as campaign on campaign.id = pick.campaign_id
        where pick.campaign_id is null or pick.campaign_id = any(locked_campaign_ids)
    ),
    judged as (
        select
            candidate.*,
            case
                when candidate.campaign_room is null then 'campaign_paused'
                when candidate.max_cost = 0 then null
                when candidate.max_cost > candidate.campaign_room then 'campaign_budget'
                when candidate.max_cost > candidate.user_room then 'monthly_limit'
            end::public.job_wait_reason as waiting_for
        from candidate
    ),
    fits_campaign as (
        select
            judged.*,
            judged.max_cost = 0
            or sum(judged.max_cost) over (partition by judged.campaign_id order by judged.turn)
            <= judged.campaign_room as is_fitting
        from judged
        where judged.waiting_for is null
    ),
    fits_user as (
        select
            job.job_id,
            job.turn,
            job.max_cost = 0
            or sum(job.max_cost) over (partition by job.user_id order by job.turn) <= job.user_room as is_fitting
        from fits_campaign as job
        where job.is_fitting
    )
    select
        array(select job.job_id from fits_user as job where job.is_fitting order by job.turn),
        array_agg(job.job_id order by job.turn) filter (where job.waiting_for is not null),
        array_agg(job.waiting_for order by job.turn) filter (where job.waiting_for is not null)
    into fitting, waiting, reasons
    from judged as job;

    if waiting is not null then
        with stopped as (
            update groundwork.job_queue as queued
            set
                waiting_for = why.reason,
                -- A new month brings new money. Besides, the job is checked once an hour. The job before it may have
                -- been cancelled, or the limit for all users may have changed.
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

-- Leases --------------------------------------------------------------------------------------------------------------

-- Leases to a worker those of the picked jobs that there is money for. Returns them as a JSON array.
create function groundwork.lease_jobs(
    picked groundwork.picked_job[],
    for_worker text,
    lease_seconds integer,
    at timestamptz
)
returns json
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    fitting uuid[] := groundwork.affordable_jobs(picked, at);
    -- All jobs of the claim have one token, because job and token together identify a lease.
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
            lease_token, job_id, position, user_id, campaign_id, reserved, retry_count, max_retries, worker_id,
            expires_at
        )
        select
            token,
            taken.job_id,
            taken.position,
            taken.user_id,
            taken.campaign_id,
            taken.max_cost,
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
            taken.max_cost,
            taken.priority,
            taken.position
    )
    select
        string_agg(
            -- format() takes a third of the time of the JSON functions. No value needs escaping, because names of agent
            -- types are plain words, and input_data is JSON already.
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
                started.max_cost,
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

-- Returns whether a worker would find work: a job that is ready or due, or a lease that has expired.
create function groundwork.has_agent_work(at timestamptz)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        exists (select from groundwork.job_queue where run_after is null)
        or exists (select from groundwork.job_queue where run_after <= at)
        or exists (select from groundwork.leases where expires_at <= at);
$$;

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.make_due_jobs_ready, groundwork.pick_ready_job, groundwork.pick_ready_jobs, groundwork.is_room_for_one,
    groundwork.is_room_for_all, groundwork.affordable_jobs, groundwork.lease_jobs, groundwork.has_agent_work,
    groundwork.users_with_ready_jobs
from public, anon, authenticated, service_role;
