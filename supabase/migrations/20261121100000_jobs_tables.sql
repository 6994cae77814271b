-- Jobs, tables: agent types, agent jobs, the job queue, and the leases of workers.
-- Needs: helpers, identity, campaigns, ledger.
-- Adds to: content_assets, budget_entries, settings, user_spend_limits.

-- groundwork.agent_types ----------------------------------------------------------------------------------------------

-- The path to what is wrong in an input: a property that `inputs` does not name, or one of another type. Evaluating it
-- takes a quarter of the time of a query over the properties.
create function groundwork.path_to_wrong_input(inputs jsonb)
returns jsonpath
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select
            'strict $.keyvalue()'
            || coalesce(
                ' ? (!('
                || string_agg(
                    format('@.key == %s && @.value.type() == %s', to_json(known.name), to_json(known.type)),
                    ' || '
                )
                || '))',
                ''
            )
        from jsonb_each_text(case when jsonb_typeof(inputs) = 'object' then inputs else '{}' end) as known (name, type)
    )::jsonpath;
end
$$;

create table groundwork.agent_types (
    name text constraint agent_types_pkey primary key,
    purpose text not null,
    is_open_to_users boolean not null default true,
    required_inputs text[] not null default '{}',
    inputs jsonb not null default '{}',
    wrong_input jsonpath not null generated always as (groundwork.path_to_wrong_input(inputs)) stored,
    max_input_bytes integer not null default 65536,
    default_max_cost numeric not null,
    is_paused boolean not null default false,
    max_running integer,
    max_starts_per_minute integer,
    constraint agent_types_name_check check (name ~ '^[a-z][a-z0-9_]{0,99}$'),
    constraint agent_types_purpose_check check (purpose ~ '\S'),
    constraint agent_types_inputs_check check (
        jsonb_typeof(inputs) = 'object'
        and array_position(required_inputs, null) is null
        and inputs ?& required_inputs
        and inputs::text ~ '^\{("([^"\\]|\\.)*": "(string|number|boolean|array|object)"(, )?)*\}$'
    ),
    constraint agent_types_max_input_bytes_check check (max_input_bytes between 2 and 16777216),
    constraint agent_types_default_max_cost_check check (
        default_max_cost between 0 and 10000
        and groundwork.is_amount(default_max_cost)
    ),
    constraint agent_types_max_running_check check (max_running >= 0),
    constraint agent_types_max_starts_per_minute_check check (max_starts_per_minute >= 0)
);

comment on table groundwork.agent_types is
    'The agent types. A new agent type is a row here, and its code in src/agents. Jobs refer to the row.';
comment on column groundwork.agent_types.purpose is 'What the agent is for, in one sentence.';
comment on column groundwork.agent_types.is_open_to_users is 'Whether users may enqueue jobs of this type.';
comment on column groundwork.agent_types.required_inputs is 'The properties that input_data must have.';
comment on column groundwork.agent_types.inputs is
    'The properties that input_data may have, each with the type that jsonb_typeof() must return for its value.';
comment on column groundwork.agent_types.wrong_input is
    'The path to a property of input_data that is unknown or has another type.';
comment on column groundwork.agent_types.max_input_bytes is
    'How many bytes input_data may have, as JSON text in UTF-8.';
comment on column groundwork.agent_types.default_max_cost is
    'The max_cost of a job that is queued without one, in US dollars.';
comment on column groundwork.agent_types.is_paused is
    'Whether jobs of this type are kept from starting. It is not enforced yet.';
comment on column groundwork.agent_types.max_running is
    'How many jobs of this type may run at the same time; null for any number. It is not enforced yet.';
comment on column groundwork.agent_types.max_starts_per_minute is
    'How many jobs of this type may start in a minute; null for any number. It is not enforced yet.';

-- No policy: only definer functions read it, and the owner of the schema writes it.
alter table groundwork.agent_types enable row level security;

revoke all on table groundwork.agent_types from public, anon, authenticated, service_role;

-- Trigger: refuses to delete or rename an agent type that has jobs. Error: GW709.
--
-- A transaction that queues a job has read its type, and keeps the lock of a reader on agent_types until it ends. The
-- lock here waits for all such transactions, and later ones wait for it. So no job is queued that this doesn't see.
--
-- Security definer: it sees the jobs of all users, whoever deletes.
create function groundwork.guard_agent_type()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- A transaction with an older snapshot would not see the jobs that other sessions have just queued.
    if current_setting('transaction_isolation') <> 'read committed' then
        perform groundwork.raise_error('GW709', 'The transaction is to be read committed.');
    end if;
    lock table groundwork.agent_types in access exclusive mode;
    if exists (select from public.agent_jobs as job where job.agent_type = old.name or tg_op = 'TRUNCATE') then
        perform groundwork.raise_error('GW709', format('There are jobs of %s.', coalesce(old.name, 'some types')));
    end if;
    return null;
end
$$;

create trigger guard_deleted_agent_type
after delete on groundwork.agent_types
for each row
execute function groundwork.guard_agent_type();

create trigger guard_renamed_agent_type
after update on groundwork.agent_types
for each row
when (old.name <> new.name)
execute function groundwork.guard_agent_type();

create trigger guard_truncated_agent_types
after truncate on groundwork.agent_types
for each statement
execute function groundwork.guard_agent_type();

create type public.job_status as enum ('pending', 'running', 'completed', 'failed', 'cancelled');

create type public.job_wait_reason as enum ('campaign_budget', 'campaign_paused', 'monthly_limit');

comment on type public.job_wait_reason is
    'Why a pending job does not run. campaign_budget: the budget of its campaign has no room for its max_cost. '
    'campaign_paused: its campaign is neither draft nor active. monthly_limit: the monthly limit of its user has no '
    'room for its max_cost. The job runs when that changes.';

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

comment on type public.job_error_code is
    'Why a job failed. The user can correct invalid_input and over_max_cost. The operator can correct unknown_price. '
    'The causes of rate_limited, provider_unavailable, timed_out, aborted, worker_failed and lease_expired may pass, '
    'so such a job is retried. The model or its provider caused refused, truncated and invalid_answer.';

-- agent_jobs ----------------------------------------------------------------------------------------------------------

create table public.agent_jobs (
    id uuid constraint agent_jobs_pkey primary key default gen_random_uuid(),
    user_id uuid not null default groundwork.current_user_id()
        constraint agent_jobs_user_id_fkey references public.users (id) on delete cascade,
    -- It has no foreign key, because each new job would lock the row of its type, for which the jobs of all users would
    -- compete. Instead, checked_jobs() looks the type up, and guard_agent_type() keeps it while it has jobs.
    agent_type text not null,
    status public.job_status not null default 'pending',
    input_data jsonb not null,
    output_data jsonb,
    campaign_id uuid,
    started_at timestamptz,
    completed_at timestamptz,
    error_message text,
    retry_count integer not null default 0,
    tokens_used bigint not null default 0,
    cost numeric not null default 0,
    duration_seconds numeric generated always as (extract(epoch from completed_at - started_at)) stored,
    -- These columns have no checks. The function that queues a job checks the values, so that later updates of the row
    -- need not check them again.
    priority smallint not null default 0,
    run_after timestamptz,
    max_cost numeric not null default 0,
    max_retries smallint not null default 3,
    idempotency_key varchar(200),
    waiting_for public.job_wait_reason,
    error_code public.job_error_code,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint agent_jobs_user_id_id_key unique (user_id, id),
    constraint agent_jobs_user_id_campaign_id_fkey
        foreign key (user_id, campaign_id) references public.campaigns (user_id, id) on delete set null (campaign_id),
    constraint agent_jobs_input_data_check check (jsonb_typeof(input_data) = 'object'),
    constraint agent_jobs_times_check check (completed_at >= started_at),
    constraint agent_jobs_retry_count_check check (retry_count >= 0)
) with (
    -- It leaves room on each page for the two updates that a job gets. So the updates touch no index, even while dead
    -- rows can't be removed.
    fillfactor = 33
);

comment on table public.agent_jobs is 'The jobs that agents do for users, with input, output and cost.';
comment on column public.agent_jobs.input_data is 'A JSON object. Its properties depend on agent_type.';
comment on column public.agent_jobs.output_data is 'Null until the job is completed.';
comment on column public.agent_jobs.campaign_id is
    'The campaign that pays; null if there is none. Deleting the campaign sets it to null.';
comment on column public.agent_jobs.error_message is 'Why the last attempt failed.';
comment on column public.agent_jobs.retry_count is 'How many attempts followed the first one.';
comment on column public.agent_jobs.tokens_used is
    'The sum of tokens_used in the job''s ledger entries. The backend keeps it, and clients never write it.';
comment on column public.agent_jobs.cost is
    'The sum of cost in the job''s ledger entries, in US dollars. The backend keeps it, and clients never write it.';
comment on column public.agent_jobs.duration_seconds is
    'completed_at - started_at, in seconds; null while one of them is null.';
comment on column public.agent_jobs.priority is
    'A number from -100 to 100. Among the jobs of one user, the highest runs first.';
comment on column public.agent_jobs.run_after is
    'The job does not run before this time. Null means at once. A retry sets it, too.';
comment on column public.agent_jobs.max_cost is
    'What all attempts together may cost, in US dollars. It is reserved before the job runs.';
comment on column public.agent_jobs.max_retries is 'How many attempts may follow the first one, 0 to 20.';
comment on column public.agent_jobs.idempotency_key is
    'A key that the client chooses. The same key means the same job.';
comment on column public.agent_jobs.error_code is
    'Why the last attempt failed, as a code for programs. error_message has the reason in words.';
comment on column public.agent_jobs.waiting_for is 'Why a pending job does not run now; null if nothing prevents it.';

create index idx_agent_jobs_user_id_created_at on public.agent_jobs (user_id, created_at desc);
create index idx_agent_jobs_user_id_campaign_id on public.agent_jobs (user_id, campaign_id)
where campaign_id is not null;
-- There is no index on status. The status of a job changes twice, and with such an index both updates would touch every
-- index.
create index idx_agent_jobs_user_id_agent_type on public.agent_jobs (user_id, agent_type);
create unique index idx_agent_jobs_user_id_idempotency_key
on public.agent_jobs (user_id, idempotency_key)
where idempotency_key is not null;

-- The functions of the queue write updated_at themselves, because that costs less than a trigger call for each row.
create trigger set_updated_at
before update on public.agent_jobs
for each row
when (old.updated_at = new.updated_at)
execute function groundwork.set_updated_at();

alter table public.agent_jobs enable row level security;

create policy "users can read their own agent jobs"
on public.agent_jobs
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

-- No insert, update or delete: the backend queues and runs jobs, and deleting a job would delete its costs.

revoke all on table public.agent_jobs from public, anon, authenticated, service_role;
grant select on table public.agent_jobs to authenticated;
-- The service role may not insert or update jobs either. Only functions queue, run and end jobs, so that every waiting
-- job has its row in the queue.
grant select, delete on table public.agent_jobs to service_role;

-- Trigger: raises GW702.
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

-- Refuses changes of a job's status that are not allowed, for every role and every function.
create trigger guard_job_status
before update of status on public.agent_jobs
for each row
when (
    old.status <> new.status
    -- These are array literals, because Postgres parses the condition again for every statement. A literal is cast
    -- once, and not for every row.
    and new.status <> all(
        case old.status
            when 'pending' then '{running, cancelled}'::public.job_status[]
            -- A job goes back to pending by a retry, by a release, or when its lease has expired.
            when 'running' then '{completed, failed, cancelled, pending}'::public.job_status[]
            when 'failed' then '{pending}'::public.job_status[]
            else '{}'::public.job_status[]
        end
    )
)
execute function groundwork.refuse_job_step();

-- content_assets ------------------------------------------------------------------------------------------------------

alter table public.content_assets
    add column agent_job_id uuid,
    add constraint content_assets_user_id_agent_job_id_fkey
        foreign key (user_id, agent_job_id) references public.agent_jobs (user_id, id)
        on delete set null (agent_job_id);

comment on column public.content_assets.agent_job_id is
    'The job that wrote the content; null when a user wrote it. Deleting the job sets it to null.';

create index idx_content_assets_user_id_agent_job_id on public.content_assets (user_id, agent_job_id);

-- Trigger: refuses content that an agent wrote if its first status is not review. Error: GW701.
create function groundwork.guard_agent_content()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.status <> 'review' then
        perform groundwork.raise_error('GW701');
    end if;
    return new;
end
$$;

-- The trigger is for the roles of the API. The owner of the schema may write any status, because seed data and a
-- restore need it.
create trigger guard_agent_content
before insert on public.content_assets
for each row
when (new.agent_job_id is not null and current_user in ('anon', 'authenticated', 'service_role'))
execute function groundwork.guard_agent_content();

-- budget_entries ------------------------------------------------------------------------------------------------------

alter table public.budget_entries
    add constraint budget_entries_user_id_agent_job_id_fkey
        foreign key (user_id, agent_job_id) references public.agent_jobs (user_id, id) on delete cascade;

create index idx_budget_entries_user_id_agent_job_id on public.budget_entries (user_id, agent_job_id);

-- Adds entries to the cost and tokens of their jobs, or subtracts them if sign is -1.
--
-- It is written in plpgsql, so that Postgres keeps the plan.
create function groundwork.add_to_jobs(entries public.budget_entries[], sign integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.agent_jobs
    set cost = agent_jobs.cost + change.cost, tokens_used = agent_jobs.tokens_used + change.tokens
    from (
        select
            entry.user_id,
            entry.agent_job_id,
            sign * sum(entry.cost) as cost,
            (sign * sum(entry.tokens_used))::bigint as tokens
        from unnest(entries) as entry
        where entry.agent_job_id is not null
        group by entry.user_id, entry.agent_job_id
    ) as change
    where agent_jobs.user_id = change.user_id and agent_jobs.id = change.agent_job_id;
end
$$;

-- Trigger: keeps the sums of jobs.
--
-- Security definer: it writes sums that no role of the API may write.
create function groundwork.keep_sums_of_jobs()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op <> 'INSERT' then
        perform groundwork.add_to_jobs(array_agg(old_entries::public.budget_entries), -1) from old_entries;
    end if;
    if tg_op <> 'DELETE' then
        perform groundwork.add_to_jobs(array_agg(new_entries::public.budget_entries), 1) from new_entries;
    end if;
    return null;
end
$$;

-- Postgres fires triggers in the order of their names. These names come after keep_sums_…, so that campaigns are locked
-- before jobs, in the same order as in settle_jobs(). settle_jobs() writes the sums of its jobs itself, so it turns the
-- first trigger off.
create trigger keep_sums_of_jobs_after_insert
after insert on public.budget_entries
referencing new table as new_entries
for each statement
when (current_setting('groundwork.settles_jobs', true) is distinct from 'yes')
execute function groundwork.keep_sums_of_jobs();

create trigger keep_sums_of_jobs_after_update
after update on public.budget_entries
referencing old table as old_entries new table as new_entries
for each statement
execute function groundwork.keep_sums_of_jobs();

create trigger keep_sums_of_jobs_after_delete
after delete on public.budget_entries
referencing old table as old_entries
for each statement
execute function groundwork.keep_sums_of_jobs();

-- settings and user_spend_limits --------------------------------------------------------------------------------------

alter table groundwork.settings
    add column max_queued_jobs integer not null default 10000
        constraint settings_max_queued_jobs_check check (max_queued_jobs between 0 and 10000000);

comment on column groundwork.settings.max_queued_jobs is 'How many jobs of a user may wait at the same time.';

alter table public.user_spend_limits
    add column max_queued_jobs integer
        constraint user_spend_limits_max_queued_jobs_check check (max_queued_jobs between 0 and 10000000);

comment on column public.user_spend_limits.max_queued_jobs is
    'How many jobs of the user may wait at the same time. If it is null, the number for all users holds.';

-- groundwork.job_queue ------------------------------------------------------------------------------------------------

-- It holds only the jobs that are to run, so that finished jobs do not slow down a claim. A claim takes jobs out of it,
-- and a retry puts them back. A job is ready if run_after is null.
--
-- It has no checks, because only functions write it, and Postgres reads each check again for every statement.
create table groundwork.job_queue (
    job_id uuid constraint job_queue_pkey primary key,
    position bigint not null generated always as identity,
    user_id uuid not null,
    campaign_id uuid,
    agent_type text not null,
    priority smallint not null,
    waiting_for public.job_wait_reason,
    run_after timestamptz,
    max_cost numeric not null,
    retry_count integer not null default 0,
    max_retries smallint not null
) with (
    -- The rows of a queue change all the time. Vacuum must not wait until a fifth of them are dead.
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_cost_delay = 0
);

comment on table groundwork.job_queue is
    'The jobs that are to run: at once, at a later time, or when there is money for them.';
comment on column groundwork.job_queue.run_after is
    'The job does not run before this time; null if it is ready. A job that waits for money is checked again at this '
    'time at the latest.';
comment on column groundwork.job_queue.max_cost is
    'What the next attempt may cost: the job''s max_cost minus the cost of earlier attempts.';

create index idx_job_queue_ready on groundwork.job_queue (user_id, priority desc, position) where run_after is null;
create index idx_job_queue_delayed on groundwork.job_queue (user_id) where run_after is not null;
-- The index has only jobs that wait for money. Without this condition, statistics from a time when no job waited could
-- make Postgres read the delayed jobs of all users to find those of one user.
create index idx_job_queue_waiting on groundwork.job_queue (user_id, campaign_id, priority desc, position)
where waiting_for is not null;
create index idx_job_queue_due on groundwork.job_queue (run_after) where run_after is not null;

-- No policy: only definer functions read and write the queue.
alter table groundwork.job_queue enable row level security;

revoke all on table groundwork.job_queue from public, anon, authenticated, service_role;
revoke all on sequence groundwork.job_queue_position_seq from public, anon, authenticated, service_role;

-- groundwork.leases ---------------------------------------------------------------------------------------------------

-- The amount that is reserved is the sum of these rows. A sum in another table would have to be written for every job.
--
-- Leases have a table of their own. A lease in the job's row of the queue would be a second version of that row in
-- every index.
--
-- A request of a cancelled job may still be running. So the lease of the job stays, and its money is not spent twice.
-- The lease is deleted when the worker has reported what the request cost, or when the lease expires.
create table groundwork.leases (
    lease_token uuid,
    job_id uuid,
    position bigint not null,
    user_id uuid not null,
    campaign_id uuid,
    reserved numeric not null,
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

comment on table groundwork.leases is
    'The leases of running jobs: which worker has the job, until when, and what is reserved for it.';
comment on column groundwork.leases.lease_token is
    'The fencing token. All jobs of one claim have the same token. Only a worker that knows it may write a result.';
comment on column groundwork.leases.position is
    'The position that the job had in the queue. A job that goes back gets it again.';
comment on column groundwork.leases.reserved is
    'What is reserved for the job, in US dollars. It counts against the limit of the user and the budget of the '
    'campaign.';
comment on column groundwork.leases.is_cancelled is
    'Whether the job is cancelled. Then the lease only keeps the reservation.';

create index idx_leases_user_id_job_id on groundwork.leases (user_id, job_id);
create index idx_leases_expires_at on groundwork.leases (expires_at);

alter table groundwork.leases enable row level security;

revoke all on table groundwork.leases from public, anon, authenticated, service_role;

-- groundwork.job_listeners --------------------------------------------------------------------------------------------

-- The table is unlogged, because after a crash no worker listens any more.
create unlogged table groundwork.job_listeners (
    worker_id text constraint job_listeners_pkey primary key,
    is_idle boolean not null,
    seen_at timestamptz not null
);

comment on table groundwork.job_listeners is 'Workers that listen on the channel groundwork_agent_jobs.';

alter table groundwork.job_listeners enable row level security;

revoke all on table groundwork.job_listeners from public, anon, authenticated, service_role;

-- groundwork.queue_headrooms ------------------------------------------------------------------------------------------

-- It saves counting a user's jobs each time the user queues one.
create table groundwork.queue_headrooms (
    user_id uuid constraint queue_headrooms_pkey primary key
        constraint queue_headrooms_user_id_fkey references public.users (id) on delete cascade,
    quota bigint not null,
    until_position bigint not null
);

comment on table groundwork.queue_headrooms is
    'While the position of the queue is below until_position, a user is known to be below the quota, and the user''s '
    'jobs need not be counted.';

alter table groundwork.queue_headrooms enable row level security;

revoke all on table groundwork.queue_headrooms from public, anon, authenticated, service_role;

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    (
        'GW701', 409, 'What an agent wrote starts in review.',
        'Insert the content with the status review; its owner approves it.'
    ),
    (
        'GW702', 409, 'The job does not take this step.',
        'Read its status: pending and running jobs can be cancelled, failed ones sent back with retry_agent_job().'
    ),
    (
        'GW709', 409, 'This agent type can''t be deleted or renamed.',
        'See the details. Delete its jobs first, or keep it and set is_open_to_users to false.'
    );

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.path_to_wrong_input, groundwork.guard_agent_type, groundwork.refuse_job_step,
    groundwork.guard_agent_content, groundwork.add_to_jobs, groundwork.keep_sums_of_jobs
from public, anon, authenticated, service_role;
