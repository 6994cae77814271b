-- Jobs, tables: what agents do for users, the queue of it, and the leases of workers.
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
        from jsonb_each_text(inputs) as known (name, type)
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
    'The kinds of agents. A new one is a row here and a folder with its code; jobs refer to the row.';
comment on column groundwork.agent_types.purpose is 'What the agent is for, in one sentence.';
comment on column groundwork.agent_types.is_open_to_users is 'Whether users may enqueue jobs of this kind.';
comment on column groundwork.agent_types.required_inputs is 'The properties that input_data must have.';
comment on column groundwork.agent_types.inputs is
    'The properties that input_data may have, each with its type, as jsonb_typeof() names it.';
comment on column groundwork.agent_types.wrong_input is
    'The path to a property of input_data that is unknown or of another type.';
comment on column groundwork.agent_types.max_input_bytes is 'How large input_data may be, as JSON text in UTF-8.';
comment on column groundwork.agent_types.default_max_cost is 'The max_cost of jobs that name none, in US dollars.';
comment on column groundwork.agent_types.is_paused is 'Meant to keep its jobs from starting. Not enforced yet.';
comment on column groundwork.agent_types.max_running is
    'How many of its jobs may run at once; null for any number. Not enforced yet.';
comment on column groundwork.agent_types.max_starts_per_minute is
    'How many of its jobs may start in a minute; null for any number. Not enforced yet.';

-- No policy: only definer functions read it, and the owner of the schema writes it.
alter table groundwork.agent_types enable row level security;

revoke all on table groundwork.agent_types from public, anon, authenticated, service_role;

create type public.job_status as enum ('pending', 'running', 'completed', 'failed', 'cancelled');

create type public.job_wait_reason as enum ('campaign_budget', 'campaign_paused', 'monthly_limit');

comment on type public.job_wait_reason is
    'Why a pending job does not run: the campaign has no room for its max_cost, is not active, or the user''s month '
    'is spent. It runs when that changes.';

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
    'Why a job failed. The user can mend invalid_input and over_max_cost; the operator unknown_price; waiting mends '
    'rate_limited, provider_unavailable, timed_out, aborted, worker_failed and lease_expired, which are tried again. '
    'refused, truncated and invalid_answer are what the model or its provider did.';

-- agent_jobs ----------------------------------------------------------------------------------------------------------

create table public.agent_jobs (
    id uuid constraint agent_jobs_pkey primary key default gen_random_uuid(),
    user_id uuid not null default groundwork.current_user_id()
        constraint agent_jobs_user_id_fkey references public.users (id) on delete cascade,
    agent_type text not null
        constraint agent_jobs_agent_type_fkey references groundwork.agent_types (name),
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
    -- No checks on these: the function that queues the job checks them, and not every later update of the row.
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
    -- Leaves room on each page for the two updates of a job's life, so that they touch no index, even while dead rows
    -- can't be removed.
    fillfactor = 33
);

comment on table public.agent_jobs is
    'Work that an agent does for a user: what it was given, what it made, what it cost.';
comment on column public.agent_jobs.input_data is 'A JSON object; its fields depend on agent_type.';
comment on column public.agent_jobs.output_data is 'Null until the job is completed.';
comment on column public.agent_jobs.campaign_id is 'The campaign that pays. Its deletion sets it to null.';
comment on column public.agent_jobs.error_message is 'Why the last attempt failed.';
comment on column public.agent_jobs.retry_count is 'Attempts after the first.';
comment on column public.agent_jobs.tokens_used is 'The sum of the job''s ledger. Kept by triggers, never written.';
comment on column public.agent_jobs.cost is 'The sum of the job''s ledger. Kept by triggers, never written.';
comment on column public.agent_jobs.duration_seconds is 'completed_at - started_at; null while one of them is.';
comment on column public.agent_jobs.priority is '-100 to 100; among the user''s own jobs the highest runs first.';
comment on column public.agent_jobs.run_after is 'Not before; null for at once. Set by a retry, too.';
comment on column public.agent_jobs.max_cost is
    'What all attempts together may cost, in US dollars. Reserved before the job runs.';
comment on column public.agent_jobs.max_retries is 'Attempts after the first, 0 to 20.';
comment on column public.agent_jobs.idempotency_key is 'Chosen by the client: the same key is the same job.';
comment on column public.agent_jobs.error_code is
    'Why the last attempt failed, for programs; error_message says it in words. See the type.';
comment on column public.agent_jobs.waiting_for is 'Why a pending job does not run now; null if nothing is in its way.';

create index idx_agent_jobs_user_id_created_at on public.agent_jobs (user_id, created_at desc);
create index idx_agent_jobs_user_id_campaign_id on public.agent_jobs (user_id, campaign_id)
where campaign_id is not null;
-- Not by status, which changes twice in a job's life: an index on it would make both updates touch every index.
create index idx_agent_jobs_user_id_agent_type on public.agent_jobs (user_id, agent_type);
create unique index idx_agent_jobs_user_id_idempotency_key
on public.agent_jobs (user_id, idempotency_key)
where idempotency_key is not null;

-- The functions of the queue write updated_at themselves, which is cheaper than a call for each row.
create trigger set_updated_at
before update on public.agent_jobs
for each row
when (old.updated_at = new.updated_at)
execute function groundwork.set_updated_at();

alter table public.agent_jobs enable row level security;

create policy "people can read their own agent jobs"
on public.agent_jobs
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

-- No insert, update or delete: the backend queues, runs and keeps jobs, and deleting one would delete its costs.

revoke all on table public.agent_jobs from public, anon, authenticated, service_role;
grant select on table public.agent_jobs to authenticated;
-- No insert or update, not even for the service role: only the functions queue, run and end jobs, so that no job is
-- without its row in the queue.
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

-- The legal steps of a job. They hold for every role and every function.
create trigger guard_job_status
before update of status on public.agent_jobs
for each row
when (
    old.status <> new.status
    -- Arrays, because Postgres parses the condition again for every statement. They are cast once, not for every row.
    and new.status <> all(
        case old.status
            when 'pending' then '{running, cancelled}'::public.job_status[]
            -- Back to pending: a retry, a release, or a lease that has expired.
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
    'The job that wrote it; null when a user did. The job''s deletion sets it to null.';

create index idx_content_assets_user_id_agent_job_id on public.content_assets (user_id, agent_job_id);

-- Trigger: what an agent wrote starts in review. Error: GW701.
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

-- Roles of the API only: the owner of the schema may write history (seed, restore).
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

-- Adds entries to the cost and tokens of their jobs, or takes them away if sign is -1.
--
-- plpgsql, so that the plan is kept.
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
-- Security definer: writes sums that nobody else may write.
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

-- The names sort behind keep_sums_…, so that campaigns are locked before jobs, as settling does.
-- Settling writes the sums of its jobs itself, together with everything else.
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

comment on column groundwork.settings.max_queued_jobs is 'How many jobs of a user may wait at once.';

alter table public.user_spend_limits
    add column max_queued_jobs integer
        constraint user_spend_limits_max_queued_jobs_check check (max_queued_jobs between 0 and 10000000);

comment on column public.user_spend_limits.max_queued_jobs is
    'How many of their jobs may wait at once. Null: as for everyone.';

-- groundwork.job_queue ------------------------------------------------------------------------------------------------

-- It holds only the jobs that are to run, so that finished ones cost a claim nothing. A claim takes jobs out; a retry
-- puts them back. A job is ready unless run_after is set.
--
-- No checks: only functions write it, and Postgres reads each check again for every statement.
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
    -- A queue is rewritten all the time; statistics and dead rows must not wait for a fifth of it.
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_cost_delay = 0
);

comment on table groundwork.job_queue is
    'The jobs that are to run: at once, or when their time comes or there is money.';
comment on column groundwork.job_queue.run_after is
    'Not before; null for ready. Of a job that waits for money: when to look again at the latest.';
comment on column groundwork.job_queue.max_cost is
    'What the next attempt may cost: what earlier attempts have left of the job''s max_cost.';

create index idx_job_queue_ready on groundwork.job_queue (user_id, priority desc, position) where run_after is null;
create index idx_job_queue_delayed on groundwork.job_queue (user_id) where run_after is not null;
-- Partial by waiting_for, so that statistics of a queue in which nothing waited do not make Postgres read everybody's
-- jobs that have a time when it looks for one user's.
create index idx_job_queue_waiting on groundwork.job_queue (user_id, campaign_id, priority desc, position)
where waiting_for is not null;
create index idx_job_queue_due on groundwork.job_queue (run_after) where run_after is not null;

-- No policy: only definer functions read and write these.
alter table groundwork.job_queue enable row level security;

revoke all on table groundwork.job_queue from public, anon, authenticated, service_role;
revoke all on sequence groundwork.job_queue_position_seq from public, anon, authenticated, service_role;

-- groundwork.leases ---------------------------------------------------------------------------------------------------

-- What is reserved is the sum of these rows. A sum that is kept elsewhere would have to be written for every job.
--
-- It is a table of its own, because a lease in the job's row of the queue would be a second version of that row in
-- every index.
--
-- The lease of a cancelled job stays, so that its money is not spent twice: its request may still be under way. It is
-- deleted when the worker has said what that cost, or when it expires.
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
    'The jobs that run: which worker has which, until when, and what is reserved for it.';
comment on column groundwork.leases.lease_token is
    'The fencing token, one for all jobs of a claim: only who has it may write a result.';
comment on column groundwork.leases.position is 'The position that the job had in the queue, and gets again.';
comment on column groundwork.leases.reserved is 'What is held of the money of the user and campaign, in US dollars.';
comment on column groundwork.leases.is_cancelled is 'The job is cancelled; only the reservation is left of it.';

create index idx_leases_user_id_job_id on groundwork.leases (user_id, job_id);
create index idx_leases_expires_at on groundwork.leases (expires_at);

alter table groundwork.leases enable row level security;

revoke all on table groundwork.leases from public, anon, authenticated, service_role;

-- groundwork.job_listeners --------------------------------------------------------------------------------------------

-- Unlogged, because after a crash nobody listens any more.
create unlogged table groundwork.job_listeners (
    worker_id text constraint job_listeners_pkey primary key,
    is_idle boolean not null,
    seen_at timestamptz not null
);

comment on table groundwork.job_listeners is 'Workers that listen on the channel groundwork_agent_jobs.';

alter table groundwork.job_listeners enable row level security;

revoke all on table groundwork.job_listeners from public, anon, authenticated, service_role;

-- groundwork.queue_headrooms ------------------------------------------------------------------------------------------

-- Saves counting a user's jobs each time that one is queued.
create table groundwork.queue_headrooms (
    user_id uuid constraint queue_headrooms_pkey primary key
        constraint queue_headrooms_user_id_fkey references public.users (id) on delete cascade,
    quota bigint not null,
    until_position bigint not null
);

comment on table groundwork.queue_headrooms is
    'Until the queue''s position reaches until_position, the user is below the quota without counting.';

alter table groundwork.queue_headrooms enable row level security;

revoke all on table groundwork.queue_headrooms from public, anon, authenticated, service_role;

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    (
    'GW701',
    409,
    'What an agent wrote starts in review.',
    'Insert the content with the status review; its owner approves it.'
    ),
    (
        'GW702',
        409,
        'The job does not take this step.',
        'Read its status: pending and running jobs can be cancelled, failed ones sent back with retry_agent_job().'
    );

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on all functions in schema groundwork from public, anon;
