-- Job queue: agent jobs that are to run, leases on those that do, the legal steps of a job, and what becomes of it.
-- Needs: identity, campaigns, agent jobs, budget, spend guard.

-- Types ---------------------------------------------------------------------------------------------------------------

create type public.job_wait_reason as enum ('campaign_budget', 'campaign_paused', 'monthly_limit');
create type public.job_error_code as enum (
    'invalid_input',
    'invalid_answer',
    'refused',
    'truncated',
    'over_max_cost',
    'unknown_price',
    'rate_limited',
    'provider_unavailable',
    'timed_out',
    'aborted',
    'worker_failed',
    'lease_expired'
);

-- What becomes of a job that was taken out of its worker's hands: a result, the end of a lease, or a cancellation,
-- which has no token: it leaves the lease.
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
    usage jsonb,
    cost numeric,
    tokens bigint
);

-- A job that a worker is about to get.
create type groundwork.pick as (
    job_id uuid,
    user_id uuid,
    campaign_id uuid,
    may_cost numeric
);

-- Tables --------------------------------------------------------------------------------------------------------------

-- Room on the page for both updates of a job's life, so that they touch no index, even while nothing can be pruned.
alter table public.agent_jobs set (fillfactor = 33);
-- No checks on these: they are checked once, by who queues the job, and not by every step of it.
alter table public.agent_jobs
    add column priority smallint not null default 0,
    add column run_after timestamptz,
    add column max_cost numeric not null default 0,
    add column max_retries smallint not null default 3,
    add column idempotency_key varchar(200),
    add column waiting_for public.job_wait_reason,
    add column error_code public.job_error_code;

-- Only jobs that are to run are in it, so that finished ones cost a claim nothing. A claim takes jobs out, and who
-- has one run again puts it back. It is ready unless it has to wait for a time: its own, or when to look again
-- whether there is money for it.
--
-- No checks on these: only functions write them, and Postgres reads each check anew for every statement.
create table groundwork.job_queue (
    job_id uuid constraint job_queue_pkey primary key,
    position bigint not null generated always as identity,
    user_id uuid not null,
    campaign_id uuid,
    agent_type public.agent_type not null,
    priority smallint not null,
    waiting_for public.job_wait_reason,
    run_after timestamptz,
    may_cost numeric not null,
    retry_count integer not null default 0,
    max_retries smallint not null
) with (
    -- A queue is rewritten all the time; statistics and dead rows must not wait for a fifth of it.
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_cost_delay = 0
);

-- What leased jobs may cost is reserved: it is summed up here when it is asked for, because a sum that is kept
-- elsewhere would have to be written for every job.
--
-- Apart from the queue, because a lease in the job's own row there would be a second version of it in every index.
--
-- The lease of a cancelled job stays, so that its money is not spent twice: its request may still be under way. It goes
-- when the worker has said what that cost, or when it expires.
create table groundwork.leases (
    lease_token uuid,
    job_id uuid,
    position bigint not null,
    user_id uuid not null,
    campaign_id uuid,
    may_cost numeric not null,
    retry_count integer not null,
    max_retries smallint not null,
    worker_id text not null,
    expires_at timestamptz not null,
    is_cancelled boolean not null default false,
    constraint leases_pkey primary key (lease_token, job_id)
) with (
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_cost_delay = 0
);

-- Workers that wait for a job to come. Unlogged: after a crash nobody listens any more.
create unlogged table groundwork.job_listeners (
    worker_id text constraint job_listeners_pkey primary key,
    is_idle boolean not null,
    seen_at timestamptz not null
);

-- Indexes -------------------------------------------------------------------------------------------------------------

-- Without status, which changes twice in a job's life: an index on it would make both updates touch every index.
drop index public.idx_agent_jobs_user_id_status_agent_type;
create index idx_agent_jobs_user_id_agent_type on public.agent_jobs (user_id, agent_type);
create unique index idx_agent_jobs_user_id_idempotency_key
on public.agent_jobs (user_id, idempotency_key)
where idempotency_key is not null;

create index idx_job_queue_ready on groundwork.job_queue (user_id, priority desc, position) where run_after is null;
create index idx_job_queue_later on groundwork.job_queue (user_id) where run_after is not null;
-- By waiting_for, so that statistics of a queue in which nothing waited do not lead who looks for one person's jobs
-- through everybody's that have a time.
create index idx_job_queue_waiting on groundwork.job_queue (user_id, campaign_id, priority desc, position)
where waiting_for is not null;
create index idx_job_queue_due on groundwork.job_queue (run_after) where run_after is not null;
create index idx_leases_user_id_job_id on groundwork.leases (user_id, job_id);
create index idx_leases_expires_at on groundwork.leases (expires_at);

-- Functions -----------------------------------------------------------------------------------------------------------

create function groundwork.refuse_job_step()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform groundwork.raise_error('GW702', format('%s does not lead to %s.', old.status, new.status));
    return new;
end
$$;

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
    -- One for all, and none while they are busy: each notification is a lock on the whole database at commit.
    if found then
        perform pg_notify('groundwork_agent_jobs', '');
    end if;
end
$$;

-- What is reserved changes by writing leases, and no row stands for the sum. So who counts it, to reserve more or
-- to wake what waits for it, holds this lock of the person until the end. It comes after rows of campaigns and months,
-- never before.
create function groundwork.lock_money(people uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Of 256 locks, always in the same order: memory for locks is scarce, and claims may be for a thousand people.
    perform pg_advisory_xact_lock(20261121, lock.number)
    from (
        select distinct uuid_hash(person) & 255 as number
        from unnest(people) as person
        order by number
    ) as lock;
end
$$;

-- Security definer: leases are not the API's to read.
create function groundwork.reserved_for_campaign(person uuid, campaign uuid)
returns numeric
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        (
            select sum(lease.may_cost)
            from groundwork.leases as lease
            where lease.user_id = person and lease.campaign_id = campaign
        ),
        0
    );
end
$$;

-- Asked for as if it were a column: select=*,reserved. Reads the campaign again, so that whoever asks must see it.
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

-- Whatever the month that a job began in: it is booked when it ends, so that its money may be this month's.
create function groundwork.reserved_for_person(person uuid)
returns numeric
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        (
            select sum(lease.may_cost)
            from groundwork.leases as lease
            where lease.user_id = person
        ),
        0
    );
end
$$;

-- Security definer: whoever plans a campaign may not read leases.
create function groundwork.guard_committed_budget()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    reserved numeric;
begin
    perform groundwork.lock_money(array[new.user_id]);
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

-- Security definer: the sums of the month are not the API's to read.
create function groundwork.monthly_spending(at timestamptz)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'month', groundwork.month_of(at),
        'monthly_limit', groundwork.spend_limit_of(person.id),
        'spent', coalesce(sums.spent, 0),
        'reserved', groundwork.reserved_for_person(person.id)
    )
    from (select groundwork.current_user_id() as id) as person
    left join groundwork.monthly_spends as sums on sums.user_id = person.id and sums.month = groundwork.month_of(at)
    where person.id is not null;
$$;

create function public.monthly_spending()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.monthly_spending(now());
$$;

create function groundwork.unpriced_jobs(held groundwork.settlement[], at timestamptz)
returns uuid[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return array(
        select distinct job.job_id
        from unnest(held) as job
        cross join lateral jsonb_to_recordset(job.usage) as used (model text, kind public.usage_kind)
        where not exists (
            select
            from groundwork.model_prices as listed
            where listed.model = used.model and listed.usage_kind = used.kind and listed.valid_from <= at
        )
    );
end
$$;

-- Rates usage, books it, and adds to the jobs what was booked of each. What goes beyond the reservation is booked
-- without the campaign, whose budget must hold.
create function groundwork.book_usage(held groundwork.settlement[], at timestamptz)
returns groundwork.settlement[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    booked groundwork.settlement[];
begin
    with entry as (
        insert into public.budget_entries (
            user_id,
            resource_type,
            cost,
            tokens_used,
            model_used,
            agent_job_id,
            campaign_id,
            usage_kind,
            quantity,
            price_id,
            provider_request_id,
            created_at
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
            from unnest(held) as job
            cross join lateral rows from (
                jsonb_to_recordset(job.usage) as (
                    model text,
                    kind public.usage_kind,
                    quantity bigint,
                    request_id text
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
    select
        array_agg(
            row(
                job.job_id,
                job.lease_token,
                job.position,
                job.user_id,
                job.campaign_id,
                job.reserved,
                job.status,
                job.retry_count,
                job.run_after,
                job.error_code,
                job.error_message,
                job.output_data,
                job.assets,
                job.usage,
                sums.cost,
                sums.tokens
            )::groundwork.settlement
        )
    into booked
    from unnest(held) as job
    left join (
        select entry.agent_job_id, sum(entry.cost) as cost, sum(entry.tokens_used) as tokens
        from entry
        group by entry.agent_job_id
    ) as sums on sums.agent_job_id = job.job_id;
    return booked;
end
$$;

-- Everything that becomes of held jobs, in one transaction: ledger, content, output, state, lease, queue. What they had
-- reserved is free when their leases are gone; who calls this wakes what waits for it.
create function groundwork.settle_jobs(
    held groundwork.settlement[],
    has_usage boolean,
    has_assets boolean,
    has_pending boolean,
    at timestamptz
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if has_usage then
        -- The jobs are written below anyway, so their sums are not the ledger's to write.
        perform set_config('groundwork.settles_jobs', 'yes', true);
        held := groundwork.book_usage(held, at);
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
        from unnest(held) as job
        cross join lateral jsonb_to_recordset(job.assets) as asset (
            title text,
            content text,
            content_type public.content_type,
            metadata jsonb
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
        cost = job.cost + coalesce(settled.cost, 0),
        tokens_used = job.tokens_used + coalesce(settled.tokens, 0),
        updated_at = greatest(at, now())
    from unnest(held) as settled
    where job.id = settled.job_id;

    delete from groundwork.leases as lease
    using unnest(held) as settled
    where lease.lease_token = settled.lease_token and lease.job_id = settled.job_id;

    if has_pending then
        insert into groundwork.job_queue (
            job_id, position, user_id, campaign_id, agent_type, priority, run_after, may_cost, retry_count, max_retries
        )
        overriding system value
        select
            job.id,
            -- As old as it was.
            settled.position,
            job.user_id,
            job.campaign_id,
            job.agent_type,
            job.priority,
            settled.run_after,
            greatest(job.max_cost - job.cost, 0),
            settled.retry_count,
            job.max_retries
        from unnest(held) as settled
        join public.agent_jobs as job on job.id = settled.job_id
        where settled.status = 'pending';
        -- They take room in the quota again, which is known to reach up to a position.
        perform nextval('groundwork.job_queue_position_seq') from unnest(held) as settled where settled.status = 'pending';
    end if;
end
$$;

create function groundwork.cancellation(job_id uuid, retry_count integer)
returns groundwork.settlement
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select row(
        job_id,
        null,
        null,
        null,
        null,
        0,
        'cancelled',
        retry_count,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null
    )::groundwork.settlement;
$$;

-- Takes unfinished jobs of a person out of the queue and of their workers' hands, whose tokens are worth nothing then.
-- What the jobs had reserved stays reserved.
create function groundwork.hold_to_cancel(person uuid, job_ids uuid[])
returns groundwork.settlement[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    held groundwork.settlement[] := '{}'::groundwork.settlement[];
begin
    -- One that is claimed, or given back, between the two statements is in neither, and is looked for again. What stays
    -- in neither was not queued, but written by the owner of the schema.
    -- Looked for by a join, because the plan that is kept would compare each row with each of any(job_ids).
    for round in 1..10 loop
        with queued as (
            delete from groundwork.job_queue
            where job_id in (select unnest(job_ids)) and user_id = person
            returning *
        )
        select held || array_agg(groundwork.cancellation(queued.job_id, queued.retry_count))
        into held
        from queued;
        with cancelled as (
            update groundwork.leases as lease
            set lease_token = gen_random_uuid(), is_cancelled = true
            from (
                select still.lease_token, still.job_id
                from groundwork.leases as still
                where still.user_id = person and still.job_id in (select unnest(job_ids)) and not still.is_cancelled
                -- In the order in which everybody locks them.
                order by still.job_id
                for update
            ) as found
            where lease.lease_token = found.lease_token and lease.job_id = found.job_id
            returning lease.*
        )
        select held || array_agg(groundwork.cancellation(cancelled.job_id, cancelled.retry_count))
        into held
        from cancelled;
        job_ids := array(
            select job.id
            from public.agent_jobs as job
            where job.id in (select unnest(job_ids))
                and job.user_id = person
                and job.status in ('pending', 'running')
                and not exists (select from unnest(held) as found where found.job_id = job.id)
        );
        exit when cardinality(job_ids) = 0;
    end loop;
    return held;
end
$$;

-- Security definer: whoever deletes a campaign may not write jobs.
create function groundwork.cancel_jobs_of_campaign()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    held groundwork.settlement[];
begin
    -- With a person everything goes. What is theirs can't be written any more, only deleted.
    if not exists (select from public.users where id = old.user_id) then
        return old;
    end if;
    held := groundwork.hold_to_cancel(
        old.user_id,
        array(
            select job.id
            from public.agent_jobs as job
            where job.user_id = old.user_id and job.campaign_id = old.id and job.status in ('pending', 'running')
        )
    );
    if cardinality(held) > 0 then
        perform groundwork.settle_jobs(held, false, false, false, now());
        perform groundwork.lock_money(array[old.user_id]);
        perform groundwork.wake_jobs_of_people(array[old.user_id]);
    end if;
    return old;
end
$$;

create function groundwork.wake_waiting_jobs(
    person uuid,
    reasons public.job_wait_reason[],
    campaign uuid,
    room numeric,
    most bigint
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Not all of a long queue for a little money: each that then does not fit would be picked in vain. Those that run
    -- give the room back, and wake the next.
    with candidate as (
        select queued.job_id, queued.may_cost, queued.priority, queued.position
        from groundwork.job_queue as queued
        where queued.waiting_for is not null
            and queued.user_id = person
            and (campaign is null or queued.campaign_id = campaign)
            and queued.waiting_for = any(reasons)
            and queued.may_cost <= greatest(room, 0)
        order by queued.priority desc, queued.position
        limit most
        for update skip locked
    ),
    woken as (
        update groundwork.job_queue as queued
        set waiting_for = null, run_after = null
        from (
            select
                candidate.job_id,
                sum(candidate.may_cost) over (order by candidate.priority desc, candidate.position) as amount
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

-- Security definer: whoever changes a campaign may not write the queue.
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
    perform groundwork.lock_money(array[new.user_id]);
    if exists (
        select
        from groundwork.job_queue
        where waiting_for is not null and user_id = new.user_id and campaign_id = new.id
    ) then
        -- What the pause stopped is looked at again, all of it: a job that costs nothing wakes no other.
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

-- What the person may still spend in the month that it is.
create function groundwork.month_room(person uuid, at timestamptz)
returns numeric
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.spend_limit_of(person) - groundwork.reserved_for_person(person) - coalesce(
        (
            select sums.spent
            from groundwork.monthly_spends as sums
            where sums.user_id = person and sums.month = groundwork.month_of(at)
        ),
        0
    );
end
$$;

create function groundwork.wake_jobs_of_month(person uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select
        from groundwork.job_queue
        where waiting_for is not null and user_id = person and waiting_for = 'monthly_limit'
    ) then
        perform groundwork.wake_waiting_jobs(
            person,
            '{monthly_limit}',
            null,
            groundwork.month_room(person, now()),
            50
        );
    end if;
end
$$;

-- Security definer: whoever changes a limit or a sum may not write the queue.
create function groundwork.wake_jobs_of_person()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    person uuid := case when tg_op = 'DELETE' then old.user_id else new.user_id end;
begin
    perform groundwork.lock_money(array[person]);
    perform groundwork.wake_jobs_of_month(person);
    return null;
end
$$;

-- For whom something became free: what jobs had reserved, or the turn of one that goes without having run, which may be
-- the one that was woken for the room that there is.
create function groundwork.wake_jobs_of_people(people uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select
        from groundwork.job_queue
        where user_id = any(people) and waiting_for is not null
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
    where campaign.user_id = any(people)
        and campaign.status in ('draft', 'active')
        and exists (
            select
            from groundwork.job_queue as queued
            where queued.waiting_for is not null
                and queued.user_id = campaign.user_id
                and queued.campaign_id = campaign.id
                and queued.waiting_for = 'campaign_budget'
        );
    perform groundwork.wake_jobs_of_month(person) from unnest(people) as person;
end
$$;

-- Security definer: whoever deletes jobs may not write the queue.
create function groundwork.dequeue_deleted_job()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    freed numeric;
begin
    delete from groundwork.job_queue where job_id = old.id returning may_cost into freed;
    if not found then
        delete from groundwork.leases where user_id = old.user_id and job_id = old.id returning may_cost into freed;
    end if;
    -- With a person everything goes, and nothing of it has to be woken.
    if freed > 0 and exists (select from public.users where id = old.user_id) then
        perform groundwork.lock_money(array[old.user_id]);
        perform groundwork.wake_jobs_of_people(array[old.user_id]);
    end if;
    return old;
end
$$;

-- Triggers ------------------------------------------------------------------------------------------------------------

-- The queue says the time itself, which is cheaper than a call for each row.
drop trigger set_updated_at on public.agent_jobs;
create trigger set_updated_at
before update on public.agent_jobs
for each row
when (old.updated_at = new.updated_at)
execute function groundwork.set_updated_at();

-- The legal steps, in one place: they hold for every role and every function.
create trigger guard_job_status
before update of status on public.agent_jobs
for each row
when (
    old.status <> new.status
    -- Arrays, because the condition is read anew by every statement; of their type, because it is judged for every row.
    and new.status <> all(
        case old.status
            when 'pending' then '{running, cancelled}'::public.job_status[]
            -- Back: a retry, a release, or a lease that expired.
            when 'running' then '{completed, failed, cancelled, pending}'::public.job_status[]
            when 'failed' then '{pending}'::public.job_status[]
            else '{}'::public.job_status[]
        end
    )
)
execute function groundwork.refuse_job_step();

-- After: it may wake other jobs, and those may be of the same delete.
create trigger dequeue_deleted_job
after delete on public.agent_jobs
for each row
when (old.status in ('pending', 'running', 'cancelled'))
execute function groundwork.dequeue_deleted_job();

-- What is reserved will be spent: while jobs run, the budget may not fall below what they may cost.
create trigger guard_committed_budget
before update of budget on public.campaigns
for each row
when (new.budget < old.budget)
execute function groundwork.guard_committed_budget();

create trigger cancel_jobs_of_campaign
before delete on public.campaigns
for each row
execute function groundwork.cancel_jobs_of_campaign();

create trigger wake_jobs_of_campaign
after update on public.campaigns
for each row
when (
    new.status <> old.status
    or new.budget - new.spend > old.budget - old.spend
)
execute function groundwork.wake_jobs_of_campaign();

create trigger wake_jobs_of_person
after update on groundwork.monthly_spends
for each row
when (new.spent < old.spent)
execute function groundwork.wake_jobs_of_person();

create trigger wake_jobs_of_person
after insert or update or delete on public.user_spend_limits
for each row
execute function groundwork.wake_jobs_of_person();

-- Row-level security --------------------------------------------------------------------------------------------------

-- No policy: only definer functions read and write these.
alter table groundwork.job_queue enable row level security;
alter table groundwork.leases enable row level security;
alter table groundwork.job_listeners enable row level security;

-- Grants --------------------------------------------------------------------------------------------------------------

revoke all on table groundwork.job_queue from public, anon, authenticated, service_role;
revoke all on table groundwork.leases from public, anon, authenticated, service_role;
revoke all on table groundwork.job_listeners from public, anon, authenticated, service_role;
revoke all on sequence groundwork.job_queue_position_seq from public, anon, authenticated, service_role;

-- Jobs are queued, run and ended by the functions only, so that no job is without its place in the queue.
revoke insert, update on table public.agent_jobs from service_role;
revoke
    insert (
        id,
        user_id,
        agent_type,
        status,
        input_data,
        output_data,
        campaign_id,
        started_at,
        completed_at,
        error_message,
        retry_count
    ),
    update (status, input_data, output_data, started_at, completed_at, error_message, retry_count)
on table public.agent_jobs from service_role;

revoke all on function groundwork.refuse_job_step() from public, anon, authenticated, service_role;
revoke all on function groundwork.dequeue_deleted_job() from public, anon, authenticated, service_role;
revoke all on function groundwork.wake_listeners() from public, anon, authenticated, service_role;
revoke all on function groundwork.lock_money(uuid[]) from public, anon, authenticated, service_role;
revoke all on function groundwork.reserved_for_campaign(uuid, uuid) from public, anon, authenticated, service_role;
revoke all on function public.reserved(public.campaigns) from public, anon, authenticated, service_role;
revoke all on function groundwork.reserved_for_person(uuid) from public, anon, authenticated, service_role;
revoke all on function groundwork.guard_committed_budget() from public, anon, authenticated, service_role;
revoke all on function groundwork.monthly_spending(timestamptz) from public, anon, authenticated, service_role;
revoke all on function public.monthly_spending() from public, anon, authenticated, service_role;
revoke all on function groundwork.unpriced_jobs(groundwork.settlement[], timestamptz)
from public, anon, authenticated, service_role;
revoke all on function groundwork.book_usage(groundwork.settlement[], timestamptz)
from public, anon, authenticated, service_role;
revoke all on function groundwork.settle_jobs(groundwork.settlement[], boolean, boolean, boolean, timestamptz)
from public, anon, authenticated, service_role;
revoke all on function groundwork.cancellation(uuid, integer) from public, anon, authenticated, service_role;
revoke all on function groundwork.hold_to_cancel(uuid, uuid[]) from public, anon, authenticated, service_role;
revoke all on function groundwork.cancel_jobs_of_campaign() from public, anon, authenticated, service_role;
revoke all on function groundwork.wake_waiting_jobs(uuid, public.job_wait_reason[], uuid, numeric, bigint)
from public, anon, authenticated, service_role;
revoke all on function groundwork.wake_jobs_of_campaign() from public, anon, authenticated, service_role;
revoke all on function groundwork.month_room(uuid, timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.wake_jobs_of_month(uuid) from public, anon, authenticated, service_role;
revoke all on function groundwork.wake_jobs_of_person() from public, anon, authenticated, service_role;
revoke all on function groundwork.wake_jobs_of_people(uuid[]) from public, anon, authenticated, service_role;

grant execute on function groundwork.reserved_for_campaign(uuid, uuid) to authenticated, service_role;
grant execute on function public.reserved(public.campaigns) to authenticated, service_role;
grant execute on function groundwork.monthly_spending(timestamptz) to authenticated;
grant execute on function public.monthly_spending() to authenticated;

-- Data ----------------------------------------------------------------------------------------------------------------

-- Jobs from before there was a queue. Whoever ran one of them is gone.
insert into groundwork.job_queue (job_id, user_id, campaign_id, agent_type, priority, may_cost, retry_count, max_retries)
select
    job.id,
    job.user_id,
    job.campaign_id,
    job.agent_type,
    job.priority,
    job.max_cost,
    job.retry_count,
    job.max_retries
from public.agent_jobs as job
where job.status = 'pending'
order by job.created_at;

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
    gen_random_uuid(),
    job.id,
    nextval('groundwork.job_queue_position_seq'),
    job.user_id,
    job.campaign_id,
    job.max_cost,
    job.retry_count,
    job.max_retries,
    'unknown',
    now()
from public.agent_jobs as job
where job.status = 'running'
order by job.created_at;

insert into groundwork.error_codes (code, status, message, hint)
values
    (
        'GW702',
        409,
        'The job does not take this step.',
        'Read its status: pending and running jobs can be cancelled, failed ones sent back with retry_agent_job().'
    ),
    (
        'GW802',
        409,
        'The budget is lower than what is spent and reserved.',
        'Pause the campaign, and lower the budget when its jobs are done, or cancelled and answered by their workers.'
    );

-- Comments ------------------------------------------------------------------------------------------------------------

comment on type public.job_wait_reason is
    'Why a pending job does not run: the campaign has no room for its max_cost, is not active, or the person''s month '
    'is spent. It runs when that changes.';

comment on type public.job_error_code is
    'Why a job failed. The person can mend invalid_input and over_max_cost; the operator unknown_price; waiting mends '
    'rate_limited, provider_unavailable, timed_out, aborted, worker_failed and lease_expired, which are tried again. '
    'refused, truncated and invalid_answer are what the model or its provider did.';

comment on column public.agent_jobs.priority is '-100 to 100; among the person''s own jobs the highest runs first.';
comment on column public.agent_jobs.run_after is 'Not before; null for at once. Set by a retry, too.';
comment on column public.agent_jobs.max_cost is
    'What all attempts together may cost, in US dollars. Reserved before the job runs.';
comment on column public.agent_jobs.max_retries is 'Attempts after the first, 0 to 20.';
comment on column public.agent_jobs.idempotency_key is 'Chosen by the client: the same key is the same job.';
comment on column public.agent_jobs.error_code is
    'Why the last attempt failed, for programs; error_message says it in words. See the type.';
comment on column public.agent_jobs.waiting_for is 'Why a pending job does not run now; null if nothing is in its way.';

comment on table groundwork.job_queue is 'The jobs that are to run: at once, or when their time comes or there is money.';
comment on column groundwork.job_queue.run_after is
    'Not before; null for ready. Of a job that waits for money: when to look again at the latest.';
comment on column groundwork.job_queue.may_cost is 'What is left of max_cost.';
comment on table groundwork.leases is
    'The jobs that run: which worker has which, until when, and what is reserved for it.';
comment on column groundwork.leases.lease_token is
    'The fencing token, one for all jobs of a claim: only who has it may write a result.';
comment on column groundwork.leases.position is 'The job''s in the queue, to which it may come back.';
comment on column groundwork.leases.is_cancelled is 'Only what it reserves is left of it.';
comment on column groundwork.leases.may_cost is 'What the job reserves, in US dollars.';
comment on table groundwork.job_listeners is 'Workers that listen on the channel groundwork_agent_jobs.';

comment on function groundwork.refuse_job_step() is 'Trigger: raises GW702.';
comment on function groundwork.dequeue_deleted_job() is
    'Trigger: an unfinished job that is deleted leaves the queue, and what it may have cost is for others.';
comment on function groundwork.wake_listeners() is 'Notifies the channel groundwork_agent_jobs, if a worker waits there.';
comment on function groundwork.lock_money(uuid[]) is
    'Until the end of the transaction nobody else counts what these people have reserved.';
comment on function groundwork.reserved_for_campaign(uuid, uuid) is 'What the campaign''s running jobs may still cost.';
comment on function public.reserved(public.campaigns) is
    'What the campaign''s running jobs may still cost, as a column that is computed: select=*,reserved.';
comment on function groundwork.reserved_for_person(uuid) is 'What the person''s running jobs may still cost.';
comment on function groundwork.guard_committed_budget() is 'Trigger: raises GW802.';
comment on function groundwork.monthly_spending(timestamptz) is 'What public.monthly_spending() answers.';
comment on function public.monthly_spending() is
    'What the caller''s agents have cost this calendar month (UTC), in US dollars: {"month", "monthly_limit", "spent", '
    '"reserved"}.';
comment on function groundwork.unpriced_jobs(groundwork.settlement[], timestamptz) is
    'Those of the jobs that used what has no price.';
comment on function groundwork.book_usage(groundwork.settlement[], timestamptz) is
    'Writes the ledger entries for the usage of these jobs, and answers the jobs with what was booked of each.';
comment on function groundwork.settle_jobs(groundwork.settlement[], boolean, boolean, boolean, timestamptz) is
    'Writes everything that becomes of held jobs.';
comment on function groundwork.cancellation(uuid, integer) is
    'What becomes of a job that is cancelled.';
comment on function groundwork.hold_to_cancel(uuid, uuid[]) is
    'Those of the person''s jobs that are unfinished, for nobody else to claim or settle.';
comment on function groundwork.cancel_jobs_of_campaign() is
    'Trigger: the unfinished jobs of a deleted campaign are cancelled, as nothing limits them any more.';
comment on function groundwork.wake_waiting_jobs(uuid, public.job_wait_reason[], uuid, numeric, bigint) is
    'Makes jobs ready that waited for money, as far as each fits into the room that there is, but not too many.';
comment on function groundwork.wake_jobs_of_campaign() is 'Trigger: the campaign has room again.';
comment on function groundwork.month_room(uuid, timestamptz) is
    'What is left of the person''s monthly limit beside what is spent and reserved.';
comment on function groundwork.wake_jobs_of_month(uuid) is
    'Makes jobs of the person ready that waited for the month, as far as they fit.';
comment on function groundwork.wake_jobs_of_person() is 'Trigger: the person''s month has room again.';
comment on function groundwork.wake_jobs_of_people(uuid[]) is
    'Makes jobs of these people ready that waited for money, as far as they fit.';
