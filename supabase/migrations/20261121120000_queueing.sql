-- Queueing: how people queue, cancel and retry agent jobs.
-- Needs: identity, agent jobs, spend guard, job queue.

-- Tables --------------------------------------------------------------------------------------------------------------

create table groundwork.agent_types (
    agent_type public.agent_type constraint agent_types_pkey primary key,
    required_inputs text[] not null,
    inputs jsonb not null,
    max_input_bytes integer not null default 65536,
    default_max_cost numeric not null,
    constraint agent_types_inputs_check check (inputs ?& required_inputs),
    constraint agent_types_default_max_cost_check check (default_max_cost between 0 and 10000)
);

-- How far a person can go on queueing before their jobs must be counted again.
create table groundwork.queue_headrooms (
    user_id uuid constraint queue_headrooms_pkey primary key
        constraint queue_headrooms_user_id_fkey references public.users (id) on delete cascade,
    quota bigint not null,
    until_position bigint not null
);

-- Functions -----------------------------------------------------------------------------------------------------------

-- plpgsql, so that the plan is kept.
create function groundwork.check_job_inputs(jobs jsonb)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    problem text;
begin
    select
        format('Job %s: ', job.ordinal) || case
            when known.agent_type is null then 'agent_type is missing.'
            when jsonb_typeof(job.input_data) is distinct from 'object' then 'input_data is no JSON object.'
            when octet_length(job.input_data::text) > known.max_input_bytes
                then format('input_data is larger than %s KiB.', known.max_input_bytes / 1024)
            when not job.input_data ?& known.required_inputs
                then format('%s needs %s.', known.agent_type, array_to_string(known.required_inputs, ', '))
            when jsonb_path_exists(job.input_data, 'strict $.**{3}') then 'input_data is nested too deeply.'
            else (
                select case
                    when known.inputs ? given.key
                        then format(
                            '%s is to be %s, not %s.',
                            given.key,
                            known.inputs ->> given.key,
                            jsonb_typeof(given.value)
                        )
                    else format('%s takes no %s.', known.agent_type, given.key)
                end
                from jsonb_each(job.input_data) as given (key, value)
                where jsonb_typeof(given.value) is distinct from known.inputs ->> given.key
                limit 1
            )
        end
    into problem
    from rows from (jsonb_to_recordset(jobs) as (agent_type public.agent_type, input_data jsonb))
        with ordinality as job (agent_type, input_data, ordinal)
    left join groundwork.agent_types as known on known.agent_type = job.agent_type
    where known.agent_type is null
        or jsonb_typeof(job.input_data) is distinct from 'object'
        or octet_length(job.input_data::text) > known.max_input_bytes
        or not job.input_data ?& known.required_inputs
        -- What is taken here has to be read by every claim, in less stack.
        or jsonb_path_exists(job.input_data, 'strict $.**{3}')
        or exists (
            select
            from jsonb_each(job.input_data) as given (key, value)
            where jsonb_typeof(given.value) is distinct from known.inputs ->> given.key
        )
    limit 1;
    if found then
        perform groundwork.raise_error('GW705', problem);
    end if;
end
$$;

-- Counts only when it must: whoever had room for n more jobs has some left until n jobs, of whomever, were queued or
-- came back.
create function groundwork.check_queue_quota(person uuid, added bigint)
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
    -- Many at a time wait for each other, lest several calls find the same room. Single ones may pass side by side.
    if added > 1 then
        perform pg_advisory_xact_lock(20261122, uuid_hash(person));
    end if;
    select
        coalesce(own.max_queued_jobs, settings.max_queued_jobs),
        sequence.last_value,
        headroom.quota = coalesce(own.max_queued_jobs, settings.max_queued_jobs)
        and headroom.until_position > sequence.last_value + added
    into quota_now, last_position, has_room
    from groundwork.agent_settings as settings
    cross join groundwork.job_queue_position_seq as sequence
    left join public.user_spend_limits as own on own.user_id = person
    left join groundwork.queue_headrooms as headroom on headroom.user_id = person;
    if has_room then
        return;
    end if;
    if added = 1 then
        perform pg_advisory_xact_lock(20261122, uuid_hash(person));
    end if;
    select count(*)
    into queued
    from (
        (select from groundwork.job_queue as job where job.user_id = person and job.run_after is null limit quota_now + 1)
        union all
        (
            select
            from groundwork.job_queue as job
            where job.user_id = person and job.run_after is not null
            limit quota_now + 1
        )
    ) as job;
    if queued + added > quota_now then
        perform groundwork.raise_error('GW706', format('%s jobs wait; the quota is %s.', queued, quota_now));
    end if;
    insert into groundwork.queue_headrooms as kept (user_id, quota, until_position)
    values (person, quota_now, last_position + quota_now - queued)
    on conflict (user_id) do update set quota = excluded.quota, until_position = excluded.until_position;
end
$$;

create function groundwork.job_limits()
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select
        'priority is from -100 to 100, max_retries from 0 to 20, max_cost from 0 to 10000 with six decimals at most; '
        'idempotency_key has 200 characters at most.'
$$;

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

-- One job without the detour over a set, which takes twice as long.
--
-- Security definer: people may write neither jobs nor the queue.
create function groundwork.enqueue_agent_job(
    wanted_type public.agent_type,
    wanted_input jsonb,
    wanted_campaign_id uuid,
    wanted_key text,
    wanted_priority smallint,
    wanted_time timestamptz,
    wanted_max_cost numeric,
    wanted_max_retries smallint,
    at timestamptz
)
returns public.agent_jobs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = 'force_generic_plan'
as $$
declare
    person uuid := groundwork.current_user_id();
    known groundwork.agent_types;
    job public.agent_jobs;
begin
    if person is null then
        perform groundwork.raise_error('GW101');
    end if;
    select *
    into known
    from groundwork.agent_types as type
    where type.agent_type = wanted_type;
    -- The same for one job, in half the time. What the matter is, the other says.
    if (
        jsonb_typeof(wanted_input) = 'object'
        and octet_length(wanted_input::text) <= known.max_input_bytes
        and wanted_input ?& known.required_inputs
        and (
            wanted_input = '{}'
            or not jsonb_path_exists(wanted_input, 'strict $.**{3}')
            and not exists (
                select
                from jsonb_each(wanted_input) as given (key, value)
                where jsonb_typeof(given.value) is distinct from known.inputs ->> given.key
            )
        )
    ) is not true then
        perform groundwork.check_job_inputs(
            jsonb_build_array(jsonb_build_object('agent_type', wanted_type, 'input_data', wanted_input))
        );
    end if;
    if (
        coalesce(wanted_priority, 0) between -100 and 100
        and coalesce(wanted_max_retries, 3) between 0 and 20
        and coalesce(wanted_max_cost, 0) between 0 and 10000
        and coalesce(wanted_max_cost, 0) = round(coalesce(wanted_max_cost, 0), 6)
        and coalesce(char_length(wanted_key), 0) <= 200
    ) is not true then
        perform groundwork.raise_error('GW705', groundwork.job_limits());
    end if;
    if wanted_key is not null then
        -- Before the quota: to ask for the same again queues nothing.
        job := groundwork.job_of_key(person, wanted_key, wanted_type, wanted_input, wanted_campaign_id);
        if job.id is null then
            perform groundwork.enqueue_agent_jobs(
                jsonb_build_array(
                    jsonb_build_object(
                        'agent_type', wanted_type,
                        'input_data', wanted_input,
                        'campaign_id', wanted_campaign_id,
                        'idempotency_key', wanted_key,
                        'priority', wanted_priority,
                        'run_after', wanted_time,
                        'max_cost', wanted_max_cost,
                        'max_retries', wanted_max_retries
                    )
                ),
                at
            );
            job := groundwork.job_of_key(person, wanted_key, wanted_type, wanted_input, wanted_campaign_id);
        end if;
        return job;
    end if;
    perform groundwork.check_queue_quota(person, 1);

    insert into public.agent_jobs (
        user_id,
        agent_type,
        input_data,
        campaign_id,
        priority,
        run_after,
        max_cost,
        max_retries
    )
    values (
        person,
        wanted_type,
        wanted_input,
        wanted_campaign_id,
        coalesce(wanted_priority, 0),
        case when wanted_time > at then wanted_time end,
        coalesce(wanted_max_cost, known.default_max_cost),
        coalesce(wanted_max_retries, 3)
    )
    returning * into job;
    insert into groundwork.job_queue (
        job_id, user_id, campaign_id, agent_type, priority, run_after, may_cost, max_retries
    )
    values (
        job.id,
        person,
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

create function groundwork.check_same_job(
    known public.agent_jobs,
    wanted_type public.agent_type,
    wanted_input jsonb,
    wanted_campaign_id uuid
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if (known.agent_type, known.input_data) <> (wanted_type, wanted_input)
        or known.campaign_id is distinct from wanted_campaign_id
    then
        perform groundwork.raise_error('GW707', format('The key %s.', known.idempotency_key));
    end if;
end
$$;

create function groundwork.job_of_key(
    person uuid,
    wanted_key text,
    wanted_type public.agent_type,
    wanted_input jsonb,
    wanted_campaign_id uuid
)
returns public.agent_jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    job public.agent_jobs;
begin
    select known.*
    into job
    from public.agent_jobs as known
    where known.user_id = person and known.idempotency_key = wanted_key;
    if found then
        perform groundwork.check_same_job(job, wanted_type, wanted_input, wanted_campaign_id);
    end if;
    return job;
end
$$;

-- Security definer: people may write neither jobs nor the queue.
create function groundwork.enqueue_agent_jobs(jobs jsonb, at timestamptz)
returns uuid[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    person uuid := groundwork.current_user_id();
    ids uuid[];
    are_within_limits boolean;
begin
    if person is null then
        perform groundwork.raise_error('GW101');
    end if;
    if jsonb_typeof(jobs) is distinct from 'array'
        or jsonb_path_exists(jobs, '$[*] ? (@.type() != "object")')
    then
        perform groundwork.raise_error('GW705', 'jobs is no JSON array of objects.');
    end if;
    perform groundwork.check_job_inputs(jobs);
    perform groundwork.check_queue_quota(person, jsonb_array_length(jobs));

    with given as materialized (
        select
            gen_random_uuid() as id,
            job.agent_type,
            job.input_data,
            job.campaign_id,
            job.idempotency_key,
            coalesce(job.priority, 0) as priority,
            case when job.run_after > at then job.run_after end as run_after,
            coalesce(job.max_cost, known.default_max_cost) as max_cost,
            coalesce(job.max_retries, 3) as max_retries,
            job.ordinal,
            coalesce(job.priority, 0) between -100 and 100
            and coalesce(job.max_retries, 3) between 0 and 20
            and coalesce(job.max_cost, 0) between 0 and 10000
            and coalesce(job.max_cost, 0) = round(coalesce(job.max_cost, 0), 6)
            and coalesce(char_length(job.idempotency_key), 0) <= 200 as is_within_limits
        from rows from (
            jsonb_to_recordset(jobs) as (
                agent_type public.agent_type,
                input_data jsonb,
                campaign_id uuid,
                idempotency_key text,
                priority smallint,
                run_after timestamptz,
                max_cost numeric,
                max_retries smallint
            )
        ) with ordinality as job (
            agent_type, input_data, campaign_id, idempotency_key, priority, run_after, max_cost, max_retries, ordinal
        )
        join groundwork.agent_types as known on known.agent_type = job.agent_type
    ),
    -- Apart from those with a key, because to look for a conflict costs something even where there can be none.
    inserted as (
        insert into public.agent_jobs (
            id,
            user_id,
            agent_type,
            input_data,
            campaign_id,
            priority,
            run_after,
            max_cost,
            max_retries
        )
        select
            given.id,
            person,
            given.agent_type,
            given.input_data,
            given.campaign_id,
            given.priority,
            given.run_after,
            given.max_cost,
            given.max_retries
        from given
        where given.idempotency_key is null
        order by given.ordinal
        returning id
    ),
    inserted_by_key as (
        insert into public.agent_jobs (
            id,
            user_id,
            agent_type,
            input_data,
            campaign_id,
            idempotency_key,
            priority,
            run_after,
            max_cost,
            max_retries
        )
        select
            given.id,
            person,
            given.agent_type,
            given.input_data,
            given.campaign_id,
            given.idempotency_key,
            given.priority,
            given.run_after,
            given.max_cost,
            given.max_retries
        from given
        where given.idempotency_key is not null
        order by given.ordinal
        on conflict (user_id, idempotency_key) where idempotency_key is not null do nothing
        returning id
    ),
    queued as (
        insert into groundwork.job_queue (
            job_id, user_id, campaign_id, agent_type, priority, run_after, may_cost, max_retries
        )
        select
            given.id,
            person,
            given.campaign_id,
            given.agent_type,
            given.priority,
            given.run_after,
            given.max_cost,
            given.max_retries
        from given
        where given.idempotency_key is null or given.id in (select id from inserted_by_key)
        order by given.ordinal
    )
    select
        array_agg(
            case
                when given.idempotency_key is null or given.id in (select id from inserted_by_key) then given.id
            end
            order by given.ordinal
        ),
        bool_and(given.is_within_limits)
    into ids, are_within_limits
    from given;
    if not are_within_limits then
        perform groundwork.raise_error('GW705', groundwork.job_limits());
    end if;

    -- Those that the key knows already. A statement of its own, to see what was committed meanwhile.
    if array_position(ids, null) is not null then
        select array_agg(coalesce(given.id, job.id) order by given.ordinal)
        into ids
        from rows from (
            jsonb_to_recordset(jobs) as (idempotency_key text),
            unnest(ids)
        ) with ordinality as given (idempotency_key, id, ordinal)
        left join public.agent_jobs as job
            on given.id is null
            and job.user_id = person
            and job.idempotency_key = given.idempotency_key;
        perform groundwork.check_same_job(known, job.agent_type, job.input_data, job.campaign_id)
        from jsonb_to_recordset(jobs) as job (
            agent_type public.agent_type,
            input_data jsonb,
            campaign_id uuid,
            idempotency_key text
        )
        join public.agent_jobs as known
            on known.user_id = person and known.idempotency_key = job.idempotency_key;
    end if;

    perform groundwork.wake_listeners();
    return coalesce(ids, '{}');
end
$$;

-- Security definer: people may write neither jobs nor the queue.
create function groundwork.cancel_agent_job(wanted uuid, at timestamptz)
returns public.agent_jobs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    held groundwork.settlement[];
    job public.agent_jobs;
begin
    held := groundwork.hold_to_cancel(groundwork.current_user_id(), array[wanted]);
    if cardinality(held) = 0 then
        job := groundwork.job_of_caller(wanted);
        perform groundwork.raise_error('GW702', format('%s does not lead to cancelled.', job.status));
    end if;
    perform groundwork.settle_jobs(held, false, false, false, at);
    perform groundwork.lock_money(array[groundwork.current_user_id()]);
    perform groundwork.wake_jobs_of_people(array[groundwork.current_user_id()]);
    return groundwork.job_of_caller(wanted);
end
$$;

-- Security definer: people may write neither jobs nor the queue.
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
    -- Not left to the trigger: a running job goes back to pending too, but not by its owner's wish.
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
    insert into groundwork.job_queue (
        job_id, user_id, campaign_id, agent_type, priority, may_cost, max_retries
    )
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

create function public.enqueue_agent_job(
    agent_type public.agent_type,
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
        agent_type,
        input_data,
        campaign_id,
        idempotency_key,
        priority,
        run_after,
        max_cost,
        max_retries,
        now()
    );
end
$$;

-- An array, because rows would be cut at the API's limit.
create function public.enqueue_agent_jobs(jobs jsonb)
returns uuid[]
language sql
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.enqueue_agent_jobs(jobs, now());
$$;

create function public.cancel_agent_job(job_id uuid)
returns public.agent_jobs
language sql
set search_path = pg_catalog, pg_temp
as $$
    select job.* from groundwork.cancel_agent_job(cancel_agent_job.job_id, now()) as job;
$$;

create function public.retry_agent_job(job_id uuid)
returns public.agent_jobs
language sql
set search_path = pg_catalog, pg_temp
as $$
    select job.* from groundwork.retry_agent_job(retry_agent_job.job_id) as job;
$$;

-- Row-level security --------------------------------------------------------------------------------------------------

-- No policy: only definer functions read and write these.
alter table groundwork.agent_types enable row level security;
alter table groundwork.queue_headrooms enable row level security;

-- Grants --------------------------------------------------------------------------------------------------------------

revoke all on table groundwork.agent_types from public, anon, authenticated, service_role;
revoke all on table groundwork.queue_headrooms from public, anon, authenticated, service_role;

revoke all on function groundwork.check_job_inputs(jsonb) from public, anon, authenticated, service_role;
revoke all on function groundwork.check_queue_quota(uuid, bigint) from public, anon, authenticated, service_role;
revoke all on function groundwork.job_limits() from public, anon, authenticated, service_role;
revoke all on function groundwork.job_of_caller(uuid) from public, anon, authenticated, service_role;
revoke all on function groundwork.enqueue_agent_job(
    public.agent_type,
    jsonb,
    uuid,
    text,
    smallint,
    timestamptz,
    numeric,
    smallint,
    timestamptz
)
from public, anon, authenticated, service_role;
revoke all on function groundwork.check_same_job(public.agent_jobs, public.agent_type, jsonb, uuid)
from public, anon, authenticated, service_role;
revoke all on function groundwork.job_of_key(uuid, text, public.agent_type, jsonb, uuid)
from public, anon, authenticated, service_role;
revoke all on function groundwork.enqueue_agent_jobs(jsonb, timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.cancel_agent_job(uuid, timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.retry_agent_job(uuid) from public, anon, authenticated, service_role;
revoke all on function public.enqueue_agent_job(
    public.agent_type,
    jsonb,
    uuid,
    text,
    smallint,
    timestamptz,
    numeric,
    smallint
)
from public, anon, authenticated, service_role;
revoke all on function public.enqueue_agent_jobs(jsonb) from public, anon, authenticated, service_role;
revoke all on function public.cancel_agent_job(uuid) from public, anon, authenticated, service_role;
revoke all on function public.retry_agent_job(uuid) from public, anon, authenticated, service_role;

grant execute on function groundwork.enqueue_agent_job(
    public.agent_type,
    jsonb,
    uuid,
    text,
    smallint,
    timestamptz,
    numeric,
    smallint,
    timestamptz
)
to authenticated;
grant execute on function groundwork.enqueue_agent_jobs(jsonb, timestamptz) to authenticated;
grant execute on function groundwork.cancel_agent_job(uuid, timestamptz) to authenticated;
grant execute on function groundwork.retry_agent_job(uuid) to authenticated;
grant execute on function public.enqueue_agent_job(
    public.agent_type,
    jsonb,
    uuid,
    text,
    smallint,
    timestamptz,
    numeric,
    smallint
)
to authenticated;
grant execute on function public.enqueue_agent_jobs(jsonb) to authenticated;
grant execute on function public.cancel_agent_job(uuid) to authenticated;
grant execute on function public.retry_agent_job(uuid) to authenticated;

-- Data ----------------------------------------------------------------------------------------------------------------

insert into groundwork.agent_types (agent_type, required_inputs, inputs, default_max_cost)
values
    (
        'seo_writer',
        '{topic}',
        '{"topic": "string", "keywords": "array", "length": "number", "audience": "string", "tone": "string"}',
        0.5
    ),
    (
        'email_marketer',
        '{goal}',
        '{"goal": "string", "type": "string", "audience": "string", "tone": "string", "offer": "string"}',
        0.25
    ),
    (
        'social_media',
        '{topic}',
        '{"topic": "string", "platforms": "array", "audience": "string", "tone": "string", "link": "string"}',
        0.25
    ),
    ('analyst', '{}', '{"question": "string", "campaign_ids": "array"}', 0.25),
    ('optimizer', '{}', '{"goal": "string", "total_budget": "number"}', 0.25),
    ('thought_organizer', '{}', '{"dry_run": "boolean"}', 0.25),
    ('memory_keeper', '{}', '{"memory_ids": "array"}', 0.25),
    (
        'persona_writer',
        '{raw_text}',
        '{"raw_text": "string", "title": "string", "source": "string", "replaces": "string"}',
        0.5
    );

-- A whole life in one text, where the others take a page.
update groundwork.agent_types
set max_input_bytes = 1048576
where agent_type = 'persona_writer';

insert into groundwork.error_codes (code, status, message, hint)
values
    ('GW704', 404, 'There is no such job.', 'Read your own jobs and use the id of one of them.'),
    (
        'GW705',
        400,
        'A job like this can''t be queued.',
        'See the details, and the schemas of the agents'' inputs in the documentation.'
    ),
    (
        'GW706',
        429,
        'Too many of your jobs wait.',
        'Wait until some are done, cancel some, or ask the operator for a higher max_queued_jobs.'
    ),
    (
        'GW707',
        409,
        'This idempotency key belongs to another job.',
        'Use a key of its own for each job, and the same key only to repeat the same request.'
    );

-- Comments ------------------------------------------------------------------------------------------------------------

comment on table groundwork.agent_types is 'What SQL checks of an agent''s input, and what a job may cost by default.';
comment on column groundwork.agent_types.inputs is 'The type of each property, as jsonb_typeof() names it.';
comment on column groundwork.agent_types.max_input_bytes is 'How large the whole input may be, as JSON text in UTF-8.';
comment on table groundwork.queue_headrooms is
    'Until the queue''s position reaches until_position, the person is below the quota without counting.';

comment on function groundwork.check_job_inputs(jsonb) is
    'Raises GW705 for the first of the jobs whose input is not what its agent takes, as far as SQL can tell.';
comment on function groundwork.check_queue_quota(uuid, bigint) is 'Raises GW706 if so many more jobs are too many.';
comment on function groundwork.job_limits() is 'What a job may be queued with, in words.';
comment on function groundwork.job_of_caller(uuid) is 'The caller''s job. Error: GW704.';
comment on function groundwork.enqueue_agent_job(
    public.agent_type,
    jsonb,
    uuid,
    text,
    smallint,
    timestamptz,
    numeric,
    smallint,
    timestamptz
) is
    'What public.enqueue_agent_job() does. Errors: GW101, GW705, GW706, GW707.';
comment on function groundwork.check_same_job(public.agent_jobs, public.agent_type, jsonb, uuid) is
    'Raises GW707 if the job that the key knows is another.';
comment on function groundwork.job_of_key(uuid, text, public.agent_type, jsonb, uuid) is
    'The job that the key knows, or null. Error: GW707.';
comment on function groundwork.enqueue_agent_jobs(jsonb, timestamptz) is
    'What public.enqueue_agent_jobs() does. Errors: GW101, GW705, GW706, GW707.';
comment on function groundwork.cancel_agent_job(uuid, timestamptz) is 'What public.cancel_agent_job() does.';
comment on function groundwork.retry_agent_job(uuid) is 'What public.retry_agent_job() does.';
comment on function public.enqueue_agent_job(
    public.agent_type,
    jsonb,
    uuid,
    text,
    smallint,
    timestamptz,
    numeric,
    smallint
) is
    'Queues a job for the caller. The same idempotency_key gives the same job again. max_cost (US dollars, for all '
    'attempts together) is by default the agent type''s. Errors: GW101, GW705, GW706, GW707.';
comment on function public.enqueue_agent_jobs(jsonb) is
    'Queues many: an array of objects with the arguments of enqueue_agent_job(). Answers their ids in that order. All '
    'or none.';
comment on function public.cancel_agent_job(uuid) is
    'Ends a pending or running job of the caller. What a running one had reserved is free when its worker has said '
    'what it cost, at the latest when its lease expires. Errors: GW702, GW704.';
comment on function public.retry_agent_job(uuid) is
    'Sends a failed job of the caller back to the queue, with all its retries. Errors: GW702, GW704, GW706.';
