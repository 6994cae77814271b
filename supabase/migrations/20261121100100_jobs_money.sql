-- Jobs, money: what running jobs have reserved, and the jobs that wait for money.
-- Needs: helpers, identity, campaigns, ledger, jobs_tables.
-- Adds to: campaigns, monthly_spends, user_spend_limits.

-- Notifies the channel groundwork_agent_jobs if an idle worker listens on it.
create function groundwork.wake_listeners()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from groundwork.job_listeners where is_idle) then
        return;
    end if;
    update groundwork.job_listeners
    set is_idle = false
    where worker_id = any(
        array(select idle.worker_id from groundwork.job_listeners as idle where idle.is_idle for update skip locked)
    );
    -- It sends one notification for all listeners, and none while they are busy, because each notification locks the
    -- whole database at commit.
    if found then
        perform pg_notify('groundwork_agent_jobs', '');
    end if;
end
$$;

-- What is reserved ----------------------------------------------------------------------------------------------------

-- Takes a lock until the end of the transaction, so that no other session counts what these users have reserved.
-- Reservations are the sum of leases, so there is no row to lock. A session takes this lock before it counts
-- reservations in order to reserve more or to wake waiting jobs. Workers wait for rows of campaigns and months
-- before this lock, and never after it.
create function groundwork.lock_reservations(user_ids uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- There are only 256 locks, because memory for locks is scarce, and a claim may be for a thousand users. They are
    -- taken in one order, so that no two sessions wait for each other.
    perform pg_advisory_xact_lock(20261121, lock.number)
    from (
        select distinct uuid_hash(given.user_id) & 255 as number
        from unnest(user_ids) as given (user_id)
        order by number
    ) as lock;
end
$$;

-- Returns what the campaign's running jobs may still cost.
--
-- Security definer: the roles of the API may not read leases.
create function groundwork.reserved_for_campaign(for_user_id uuid, campaign uuid)
returns numeric
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        (
            select sum(lease.reserved)
            from groundwork.leases as lease
            where lease.user_id = for_user_id and lease.campaign_id = campaign
        ),
        0
    );
end
$$;

-- It reads the campaign again, so that only users who may read the campaign get a result.
create function public.reserved(campaign public.campaigns)
returns numeric
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.reserved_for_campaign(visible.user_id, visible.id)
    from public.campaigns as visible
    where visible.id = campaign.id;
$$;

comment on function public.reserved(public.campaigns) is
    'Returns what the campaign''s running jobs may still cost, in US dollars. It is a computed column of campaigns: '
    'select=*,reserved.';

-- Returns what the user's running jobs may still cost. It does not matter in which month they began, because a job is
-- booked in the month in which it ends.
create function groundwork.reserved_for_user(for_user_id uuid)
returns numeric
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        (
            select sum(lease.reserved)
            from groundwork.leases as lease
            where lease.user_id = for_user_id
        ),
        0
    );
end
$$;

-- Returns the user's monthly limit minus what is spent and reserved.
create function groundwork.month_room(for_user_id uuid, at timestamptz)
returns numeric
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.spend_limit_of(for_user_id) - groundwork.reserved_for_user(for_user_id) - coalesce(
        (
            select sums.spent
            from groundwork.monthly_spends as sums
            where sums.user_id = for_user_id and sums.month = groundwork.month_of(at)
        ),
        0
    );
end
$$;

-- Security definer: the roles of the API may not read the sums of the month.
create function groundwork.monthly_spending(at timestamptz)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'month', groundwork.month_of(at),
        'monthly_limit', groundwork.spend_limit_of(caller.id),
        'spent', coalesce(sums.spent, 0),
        'reserved', groundwork.reserved_for_user(caller.id)
    )
    from (select groundwork.current_user_id() as id) as caller
    left join groundwork.monthly_spends as sums on sums.user_id = caller.id and sums.month = groundwork.month_of(at)
    where caller.id is not null;
$$;

create function public.monthly_spending()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.monthly_spending(now());
$$;

comment on function public.monthly_spending() is
    'Returns what the caller''s agents and embeddings have cost in this calendar month (UTC), in US dollars: '
    '{"month", "monthly_limit", "spent", "reserved"}.';

-- Trigger: raises GW802 if the new budget is lower than what is spent and reserved.
--
-- Security definer: the user who changes a campaign may not read leases.
create function groundwork.guard_committed_budget()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    reserved numeric;
begin
    perform groundwork.lock_reservations(array[new.user_id]);
    reserved := groundwork.reserved_for_campaign(new.user_id, new.id);
    if reserved > 0 and new.spend + reserved > new.budget then
        perform groundwork.raise_error(
            'GW802',
            format('%s is spent and %s reserved; the budget would be %s.', new.spend, reserved, new.budget)
        );
    end if;
    return new;
end
$$;

-- While jobs run, the budget may not fall below what is spent and reserved.
create trigger guard_committed_budget
before update of budget on public.campaigns
for each row
when (new.budget < old.budget)
execute function groundwork.guard_committed_budget();

-- Waiting for money ---------------------------------------------------------------------------------------------------

-- Makes up to max_jobs jobs ready that wait for one of these reasons and fit into `room` together.
create function groundwork.wake_waiting_jobs(
    for_user_id uuid,
    reasons public.job_wait_reason[],
    campaign uuid,
    room numeric,
    max_jobs bigint
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- It wakes no more jobs than fit, because a claim would pick the others for nothing. When a woken job ends, it
    -- wakes the next ones.
    with candidate as (
        select queued.job_id, queued.max_cost, queued.priority, queued.position
        from groundwork.job_queue as queued
        where queued.waiting_for is not null
            and queued.user_id = for_user_id
            and (campaign is null or queued.campaign_id = campaign)
            and queued.waiting_for = any(reasons)
            and queued.max_cost <= greatest(room, 0)
        order by queued.priority desc, queued.position
        limit max_jobs
        for update skip locked
    ),
    woken as (
        update groundwork.job_queue as queued
        set waiting_for = null, run_after = null
        from (
            select
                candidate.job_id,
                sum(candidate.max_cost) over (order by candidate.priority desc, candidate.position) as amount
            from candidate
        ) as needed
        where queued.job_id = needed.job_id and needed.amount <= greatest(room, 0)
        returning queued.job_id
    )
    update public.agent_jobs as job
    set waiting_for = null
    from woken
    where job.id = woken.job_id;
    if found then
        perform groundwork.wake_listeners();
    end if;
end
$$;

-- Trigger: wakes jobs that wait for a campaign if that campaign has more room, or is no longer paused.
--
-- Security definer: a role that changes a campaign may not write the queue.
create function groundwork.wake_jobs_of_campaign()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.status not in ('draft', 'active') then
        return null;
    end if;
    perform groundwork.lock_reservations(array[new.user_id]);
    if exists (
        select
        from groundwork.job_queue
        where waiting_for is not null and user_id = new.user_id and campaign_id = new.id
    ) then
        -- It wakes all jobs that the pause has stopped, because a job that costs nothing does not wake others when it
        -- ends.
        if new.status <> old.status then
            perform groundwork.wake_waiting_jobs(new.user_id, '{campaign_paused}', new.id, 'Infinity', null);
        end if;
        perform groundwork.wake_waiting_jobs(
            new.user_id,
            '{campaign_budget}',
            new.id,
            new.budget - new.spend - groundwork.reserved_for_campaign(new.user_id, new.id),
            50
        );
    end if;
    return null;
end
$$;

create trigger wake_jobs_of_campaign
after update on public.campaigns
for each row
when (
    new.status <> old.status
    or new.budget - new.spend > old.budget - old.spend
)
execute function groundwork.wake_jobs_of_campaign();

-- Wakes the user's jobs that wait for the monthly limit, as many as fit.
create function groundwork.wake_jobs_of_month(for_user_id uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select
        from groundwork.job_queue
        where waiting_for is not null and user_id = for_user_id and waiting_for = 'monthly_limit'
    ) then
        perform groundwork.wake_waiting_jobs(
            for_user_id,
            '{monthly_limit}',
            null,
            groundwork.month_room(for_user_id, now()),
            50
        );
    end if;
end
$$;

-- Trigger: wakes jobs of a user whose monthly limit has more room.
--
-- Security definer: a role that changes a limit or a sum may not write the queue.
create function groundwork.wake_jobs_of_user()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    for_user_id uuid := case when tg_op = 'DELETE' then old.user_id else new.user_id end;
begin
    perform groundwork.lock_reservations(array[for_user_id]);
    perform groundwork.wake_jobs_of_month(for_user_id);
    return null;
end
$$;

create trigger wake_jobs_of_user
after update on groundwork.monthly_spends
for each row
when (new.spent < old.spent)
execute function groundwork.wake_jobs_of_user();

create trigger wake_jobs_of_user
after insert or update or delete on public.user_spend_limits
for each row
execute function groundwork.wake_jobs_of_user();

-- Wakes the jobs of these users that wait for money, as many as fit. It is called when a reservation is freed. It is
-- also called when a job ends that has not run, because that job may have been woken for the room that there is.
create function groundwork.wake_jobs_of_users(user_ids uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select
        from groundwork.job_queue
        where user_id = any(user_ids) and waiting_for is not null
    ) then
        return;
    end if;
    perform groundwork.wake_waiting_jobs(
        campaign.user_id,
        '{campaign_budget}',
        campaign.id,
        campaign.budget - campaign.spend - groundwork.reserved_for_campaign(campaign.user_id, campaign.id),
        50
    )
    from public.campaigns as campaign
    where campaign.user_id = any(user_ids)
        and campaign.status in ('draft', 'active')
        and exists (
            select
            from groundwork.job_queue as queued
            where queued.waiting_for is not null
                and queued.user_id = campaign.user_id
                and queued.campaign_id = campaign.id
                and queued.waiting_for = 'campaign_budget'
        );
    perform groundwork.wake_jobs_of_month(given.user_id) from unnest(user_ids) as given (user_id);
end
$$;

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    (
        'GW802', 409, 'The budget is lower than what is spent and reserved.',
        'Pause the campaign, and lower the budget when its jobs are done, or cancelled and answered by their workers.'
    );

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.wake_listeners, groundwork.lock_reservations, groundwork.reserved_for_campaign,
    groundwork.reserved_for_user, groundwork.month_room, groundwork.monthly_spending, groundwork.guard_committed_budget,
    groundwork.wake_waiting_jobs, groundwork.wake_jobs_of_campaign, groundwork.wake_jobs_of_month,
    groundwork.wake_jobs_of_user, groundwork.wake_jobs_of_users,
    public.reserved(public.campaigns),
    public.monthly_spending()
from public, anon, authenticated, service_role;

grant execute on function
    groundwork.reserved_for_campaign,
    public.reserved(public.campaigns)
to authenticated, service_role;

grant execute on function
    groundwork.monthly_spending,
    public.monthly_spending()
to authenticated;
