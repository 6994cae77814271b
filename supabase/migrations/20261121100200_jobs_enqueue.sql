-- Jobs, enqueue: users queue jobs, and put failed ones back into the queue.
-- Needs: helpers, identity, ledger, jobs_tables, jobs_money.

-- A job that is to be queued. A null stands for the default.
create type groundwork.new_job as (
    id uuid,
    agent_type text,
    input_data jsonb,
    campaign_id uuid,
    idempotency_key text,
    priority smallint,
    run_after timestamptz,
    max_cost numeric,
    max_retries smallint
);

-- What is wrong with the properties of an input, in words: the first that is unknown or of another type.
create function groundwork.describe_wrong_input(input_data jsonb, known groundwork.agent_types)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select case
            when known.inputs ? given.key
                then format('%s is to be %s, not %s.', given.key, known.inputs ->> given.key, jsonb_typeof(given.value))
            else format('%s takes no %s.', known.name, given.key)
        end
        from jsonb_each(input_data) as given (key, value)
        where jsonb_typeof(given.value) is distinct from known.inputs ->> given.key
        limit 1
    );
end
$$;

-- Returns the jobs with the defaults of what they leave out. Raises GW705 for the first job that can't be queued, with
-- the reason. The rule is evaluated for each of thousands of jobs, so it is an expression, which takes less time than a
-- query. The agent type is read once for several jobs of the same type in a row.
--
-- It is volatile, so that each statement takes its snapshot after its locks. A type that was deleted while this waited
-- for the lock of guard_agent_type() is then not found.
create function groundwork.checked_jobs(jobs groundwork.new_job[], at timestamptz)
returns groundwork.new_job[]
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    job groundwork.new_job;
    known groundwork.agent_types;
    number integer := 0;
    problem text;
begin
    foreach job in array jobs loop
        number := number + 1;
        if number = 1 or known.name is distinct from job.agent_type then
            select *
            into known
            from groundwork.agent_types as type
            where type.name = job.agent_type;
            -- The snapshot of such a transaction may still have a type that has been deleted. Then this raises 40001.
            if current_setting('transaction_isolation') <> 'read committed' then
                perform from groundwork.agent_types as type where type.name = job.agent_type for key share;
            end if;
        end if;
        job.priority := coalesce(job.priority, 0);
        job.max_retries := coalesce(job.max_retries, 3);
        job.max_cost := coalesce(job.max_cost, known.default_max_cost);
        job.run_after := case when job.run_after > at then job.run_after end;
        problem := case
            when job.agent_type is null then 'agent_type is missing.'
            when known.name is null then format('There is no agent type %s.', job.agent_type)
            when not known.is_open_to_users then format('Jobs of %s are not queued by users.', known.name)
            when jsonb_typeof(job.input_data) is distinct from 'object' then 'input_data is no JSON object.'
            when octet_length(job.input_data::text) > known.max_input_bytes
                then format('input_data is larger than %s KiB.', known.max_input_bytes / 1024)
            when not job.input_data ?& known.required_inputs
                then format('%s needs %s.', known.name, array_to_string(known.required_inputs, ', '))
            -- A claim parses the input again with less stack, which deep JSON could exhaust.
            when jsonb_path_exists(job.input_data, 'strict $.**{3}') then 'input_data is nested too deeply.'
            when jsonb_path_exists(job.input_data, known.wrong_input)
                then groundwork.describe_wrong_input(job.input_data, known)
            when not (
                job.priority between -100 and 100
                and job.max_retries between 0 and 20
                and job.max_cost between 0 and 10000
                and job.max_cost = round(job.max_cost, 6)
                and coalesce(char_length(job.idempotency_key), 0) <= 200
            )
                then 'priority is from -100 to 100, max_retries from 0 to 20, max_cost from 0 to 10000 with six '
                'decimals at most; idempotency_key has 200 characters at most.'
        end;
        if problem is not null then
            perform groundwork.raise_error('GW705', format('Job %s: %s', number, problem));
        end if;
        jobs[number] := job;
    end loop;
    return jobs;
end
$$;

-- Raises GW706 if the user may not queue this many more jobs.
--
-- It counts the user's jobs only when it must. After a count that found room for n jobs, the user is below the quota
-- for the next n positions of the queue, whoever takes them. queue_headrooms has the position up to which that holds.
create function groundwork.check_queue_quota(for_user_id uuid, added bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    quota_now bigint;
    last_position bigint;
    has_room boolean;
    queued bigint;
begin
    -- Bulk calls of one user wait for each other, so that no two of them use the same room.
    if added > 1 then
        perform pg_advisory_xact_lock(20261122, uuid_hash(for_user_id));
    end if;
    select
        coalesce(own.max_queued_jobs, settings.max_queued_jobs),
        sequence.last_value,
        headroom.quota = coalesce(own.max_queued_jobs, settings.max_queued_jobs)
        and headroom.until_position > sequence.last_value + added
    into quota_now, last_position, has_room
    from groundwork.settings as settings
    cross join groundwork.job_queue_position_seq as sequence
    left join public.user_spend_limits as own on own.user_id = for_user_id
    left join groundwork.queue_headrooms as headroom on headroom.user_id = for_user_id;
    if has_room then
        return;
    end if;
    if added = 1 then
        perform pg_advisory_xact_lock(20261122, uuid_hash(for_user_id));
    end if;
    select count(*)
    into queued
    from (
        (
            select
            from groundwork.job_queue as job
            where job.user_id = for_user_id and job.run_after is null
            limit quota_now + 1
        )
        union all
        (
            select
            from groundwork.job_queue as job
            where job.user_id = for_user_id and job.run_after is not null
            limit quota_now + 1
        )
    ) as job;
    if queued + added > quota_now then
        perform groundwork.raise_error('GW706', format('%s jobs wait; the quota is %s.', queued, quota_now));
    end if;
    insert into groundwork.queue_headrooms as kept (user_id, quota, until_position)
    values (for_user_id, quota_now, last_position + quota_now - queued)
    on conflict (user_id) do update set quota = excluded.quota, until_position = excluded.until_position;
end
$$;

-- Raises GW707 if the job that has the key is not the same job.
create function groundwork.check_same_job(known public.agent_jobs, job groundwork.new_job)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if (known.agent_type, known.input_data) <> (job.agent_type, job.input_data)
        or known.campaign_id is distinct from job.campaign_id
    then
        perform groundwork.raise_error('GW707', format('The key %s.', known.idempotency_key));
    end if;
end
$$;

-- Returns the caller's job that has the key, or null. Error: GW707.
create function groundwork.job_of_key(caller_id uuid, job groundwork.new_job)
returns public.agent_jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    known public.agent_jobs;
begin
    select kept.*
    into known
    from public.agent_jobs as kept
    where kept.user_id = caller_id and kept.idempotency_key = job.idempotency_key;
    if found then
        perform groundwork.check_same_job(known, job);
    end if;
    return known;
end
$$;

-- Queues jobs, and returns their ids. Errors: GW101, GW705, GW706, GW707.
--
-- Security definer: users may write neither jobs nor the queue.
create function groundwork.enqueue_agent_jobs(jobs jsonb, at timestamptz)
returns uuid[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    caller_id uuid := groundwork.current_user_id();
    new_jobs groundwork.new_job[];
    ids uuid[];
begin
    if caller_id is null then
        perform groundwork.raise_error('GW101');
    end if;
    if jsonb_typeof(jobs) is distinct from 'array'
        or jsonb_path_exists(jobs, '$[*] ? (@.type() != "object")')
    then
        perform groundwork.raise_error('GW705', 'jobs is no JSON array of objects.');
    end if;
    new_jobs := array(
        select
            row(
                gen_random_uuid(),
                job.agent_type,
                job.input_data,
                job.campaign_id,
                job.idempotency_key,
                job.priority,
                job.run_after,
                job.max_cost,
                job.max_retries
            )::groundwork.new_job
        from rows from (
            jsonb_to_recordset(jobs) as (
                agent_type text, input_data jsonb, campaign_id uuid, idempotency_key text, priority smallint,
                run_after timestamptz, max_cost numeric, max_retries smallint
            )
        ) with ordinality as job (
            agent_type, input_data, campaign_id, idempotency_key, priority, run_after, max_cost, max_retries, ordinal
        )
        order by job.ordinal
    );
    new_jobs := groundwork.checked_jobs(new_jobs, at);
    perform groundwork.check_queue_quota(caller_id, cardinality(new_jobs));

    with job as materialized (
        select given.*
        from unnest(new_jobs) with ordinality as given
    ),
    -- Jobs without a key are inserted separately, because looking for a conflict costs time even if there can be none.
    inserted as (
        insert into public.agent_jobs (
            id, user_id, agent_type, input_data, campaign_id, priority, run_after, max_cost, max_retries
        )
        select
            job.id,
            caller_id,
            job.agent_type,
            job.input_data,
            job.campaign_id,
            job.priority,
            job.run_after,
            job.max_cost,
            job.max_retries
        from job
        where job.idempotency_key is null
    ),
    inserted_by_key as (
        insert into public.agent_jobs (
            id, user_id, agent_type, input_data, campaign_id, idempotency_key, priority, run_after, max_cost,
            max_retries
        )
        select
            job.id,
            caller_id,
            job.agent_type,
            job.input_data,
            job.campaign_id,
            job.idempotency_key,
            job.priority,
            job.run_after,
            job.max_cost,
            job.max_retries
        from job
        where job.idempotency_key is not null
        order by job.ordinality
        on conflict (user_id, idempotency_key) where idempotency_key is not null do nothing
        returning id
    ),
    queued as (
        insert into groundwork.job_queue (
            job_id, user_id, campaign_id, agent_type, priority, run_after, max_cost, max_retries
        )
        select
            job.id,
            caller_id,
            job.campaign_id,
            job.agent_type,
            job.priority,
            job.run_after,
            job.max_cost,
            job.max_retries
        from job
        where job.idempotency_key is null or job.id in (select id from inserted_by_key)
        order by job.ordinality
    )
    select
        array_agg(
            case
                when job.idempotency_key is null or job.id in (select id from inserted_by_key) then job.id
            end
            order by job.ordinality
        )
    into ids
    from job;

    -- This finds the jobs whose key was used already. It is a separate statement, so that it sees what was committed in
    -- the meantime.
    if array_position(ids, null) is not null then
        select array_agg(coalesce(given.id, known.id) order by given.ordinality)
        into ids
        from unnest(ids, new_jobs) with ordinality as given (
            id, new_id, agent_type, input_data, campaign_id, idempotency_key, priority, run_after, max_cost,
            max_retries, ordinality
        )
        left join public.agent_jobs as known
            on given.id is null
            and known.user_id = caller_id
            and known.idempotency_key = given.idempotency_key;
        perform groundwork.check_same_job(known, job)
        from unnest(new_jobs) as job
        join public.agent_jobs as known
            on known.user_id = caller_id and known.idempotency_key = job.idempotency_key;
    end if;

    perform groundwork.wake_listeners();
    return coalesce(ids, '{}');
end
$$;

-- Queues one job, and returns it. Without a key it does not call enqueue_agent_jobs(), which takes twice as long.
-- Errors: GW101, GW705, GW706, GW707.
--
-- Security definer: users may write neither jobs nor the queue.
create function groundwork.enqueue_agent_job(new_job groundwork.new_job, at timestamptz)
returns public.agent_jobs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = 'force_generic_plan'
as $$
declare
    caller_id uuid := groundwork.current_user_id();
    job public.agent_jobs;
begin
    if caller_id is null then
        perform groundwork.raise_error('GW101');
    end if;
    new_job := (groundwork.checked_jobs(array[new_job], at))[1];
    if new_job.idempotency_key is not null then
        -- The key is checked before the quota, because a repeated request queues nothing.
        job := groundwork.job_of_key(caller_id, new_job);
        if job.id is null then
            perform groundwork.enqueue_agent_jobs(jsonb_build_array(to_jsonb(new_job)), at);
            job := groundwork.job_of_key(caller_id, new_job);
        end if;
        return job;
    end if;
    perform groundwork.check_queue_quota(caller_id, 1);

    insert into public.agent_jobs (
        user_id, agent_type, input_data, campaign_id, priority, run_after, max_cost, max_retries
    )
    values (
        caller_id,
        new_job.agent_type,
        new_job.input_data,
        new_job.campaign_id,
        new_job.priority,
        new_job.run_after,
        new_job.max_cost,
        new_job.max_retries
    )
    returning * into job;
    insert into groundwork.job_queue (
        job_id, user_id, campaign_id, agent_type, priority, run_after, max_cost, max_retries
    )
    values (
        job.id,
        caller_id,
        job.campaign_id,
        job.agent_type,
        job.priority,
        job.run_after,
        job.max_cost,
        job.max_retries
    );
    if exists (select from groundwork.job_listeners where is_idle) then
        perform groundwork.wake_listeners();
    end if;
    return job;
end
$$;

-- Returns the caller's job with this id. Error: GW704.
create function groundwork.job_of_caller(wanted uuid)
returns public.agent_jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    job public.agent_jobs;
begin
    select own.*
    into job
    from public.agent_jobs as own
    where own.id = wanted and own.user_id = groundwork.current_user_id();
    if job.id is null then
        perform groundwork.raise_error('GW704');
    end if;
    return job;
end
$$;

-- Security definer: users may write neither jobs nor the queue.
create function groundwork.retry_agent_job(wanted uuid)
returns public.agent_jobs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    job public.agent_jobs := groundwork.job_of_caller(wanted);
begin
    perform groundwork.check_queue_quota(job.user_id, 1);
    -- The status is checked here, because the trigger also lets running jobs go back to pending.
    update public.agent_jobs
    set status = 'pending', retry_count = 0, completed_at = null
    where id = wanted and status = 'failed'
    returning * into job;
    if not found then
        perform groundwork.raise_error(
            'GW702',
            format('%s does not lead to pending.', (groundwork.job_of_caller(wanted)).status)
        );
    end if;
    insert into groundwork.job_queue (job_id, user_id, campaign_id, agent_type, priority, max_cost, max_retries)
    values (
        job.id,
        job.user_id,
        job.campaign_id,
        job.agent_type,
        job.priority,
        greatest(job.max_cost - job.cost, 0),
        job.max_retries
    );
    perform groundwork.wake_listeners();
    return job;
end
$$;

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    ('GW704', 404, 'There is no such job.', 'Read your own jobs and use the id of one of them.'),
    (
        'GW705', 400, 'A job like this can''t be queued.',
        'See the details, and the schemas of the agents'' inputs in the documentation.'
    ),
    (
        'GW706', 429, 'Too many of your jobs wait.',
        'Wait until some are done, cancel some, or ask the operator for a higher max_queued_jobs.'
    ),
    (
        'GW707', 409, 'This idempotency key belongs to another job.',
        'Use a key of its own for each job, and the same key only to repeat the same request.'
    );

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.describe_wrong_input, groundwork.checked_jobs, groundwork.check_queue_quota, groundwork.check_same_job,
    groundwork.job_of_key, groundwork.enqueue_agent_jobs, groundwork.enqueue_agent_job, groundwork.job_of_caller,
    groundwork.retry_agent_job
from public, anon, authenticated, service_role;

grant execute on function
    groundwork.enqueue_agent_job,
    groundwork.enqueue_agent_jobs,
    groundwork.retry_agent_job
to authenticated;
