-- Agent jobs: work that agents do for a person, and the content that came of it.
-- Needs: identity, campaigns.

-- Types ---------------------------------------------------------------------------------------------------------------

create type public.agent_type as enum (
    'seo_writer',
    'email_marketer',
    'social_media',
    'analyst',
    'optimizer',
    'thought_organizer',
    'memory_keeper',
    'persona_writer'
);
create type public.job_status as enum ('pending', 'running', 'completed', 'failed', 'cancelled');

-- Tables --------------------------------------------------------------------------------------------------------------

create table public.agent_jobs (
    id uuid constraint agent_jobs_pkey primary key default gen_random_uuid(),
    user_id uuid not null default groundwork.current_user_id()
        constraint agent_jobs_user_id_fkey references public.users (id) on delete cascade,
    agent_type public.agent_type not null,
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
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint agent_jobs_user_id_id_key unique (user_id, id),
    constraint agent_jobs_user_id_campaign_id_fkey
        foreign key (user_id, campaign_id) references public.campaigns (user_id, id) on delete set null (campaign_id),
    constraint agent_jobs_input_data_check check (jsonb_typeof(input_data) = 'object'),
    constraint agent_jobs_times_check check (completed_at >= started_at),
    constraint agent_jobs_retry_count_check check (retry_count >= 0)
);

alter table public.content_assets
    add column agent_job_id uuid,
    add constraint content_assets_user_id_agent_job_id_fkey
        foreign key (user_id, agent_job_id) references public.agent_jobs (user_id, id)
        on delete set null (agent_job_id);

-- Indexes -------------------------------------------------------------------------------------------------------------

create index idx_agent_jobs_user_id_created_at on public.agent_jobs (user_id, created_at desc);
create index idx_agent_jobs_user_id_status_agent_type on public.agent_jobs (user_id, status, agent_type);
create index idx_agent_jobs_user_id_campaign_id on public.agent_jobs (user_id, campaign_id);
create index idx_content_assets_user_id_agent_job_id on public.content_assets (user_id, agent_job_id);

-- Functions -----------------------------------------------------------------------------------------------------------

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

-- Triggers ------------------------------------------------------------------------------------------------------------

-- No condition: it may not look at a row with generated columns, so every update moves the time.
create trigger set_updated_at
before update on public.agent_jobs
for each row
execute function groundwork.set_updated_at();

-- Roles of the API only: the owner of the schema may write history (seed, restore).
create trigger guard_agent_content
before insert on public.content_assets
for each row
when (new.agent_job_id is not null and current_user in ('anon', 'authenticated', 'service_role'))
execute function groundwork.guard_agent_content();

-- Row-level security --------------------------------------------------------------------------------------------------

alter table public.agent_jobs enable row level security;

create policy "people can read their own agent jobs"
on public.agent_jobs
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

-- No insert, update or delete: jobs are queued, run and kept by the backend, and their costs go with them.

-- Grants --------------------------------------------------------------------------------------------------------------

revoke all on table public.agent_jobs from public, anon, authenticated, service_role;

grant select on table public.agent_jobs to authenticated;

-- Not tokens_used and cost, which are the sums of the ledger.
grant select, delete on table public.agent_jobs to service_role;
grant
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
on table public.agent_jobs to service_role;

revoke all on function groundwork.guard_agent_content() from public, anon, authenticated, service_role;

-- Data ----------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values (
    'GW701',
    409,
    'What an agent wrote starts in review.',
    'Insert the content with the status review; its owner approves it.'
);

-- Comments ------------------------------------------------------------------------------------------------------------

comment on table public.agent_jobs is
    'Work that an agent does for a person: what it was given, what it made, what it cost.';
comment on column public.agent_jobs.input_data is 'A JSON object; its fields depend on agent_type.';
comment on column public.agent_jobs.output_data is 'Null until the job is completed.';
comment on column public.agent_jobs.campaign_id is 'The campaign that pays. Its deletion sets it to null.';
comment on column public.agent_jobs.error_message is 'Why the last attempt failed.';
comment on column public.agent_jobs.retry_count is 'Attempts after the first.';
comment on column public.agent_jobs.tokens_used is 'The sum of the job''s ledger. Kept by triggers, never written.';
comment on column public.agent_jobs.cost is 'The sum of the job''s ledger. Kept by triggers, never written.';
comment on column public.agent_jobs.duration_seconds is 'completed_at - started_at; null while one of them is.';
comment on column public.content_assets.agent_job_id is
    'The job that wrote it; null when a person did. The job''s deletion sets it to null.';

comment on function groundwork.guard_agent_content() is 'Trigger: what an agent wrote starts in review. Error: GW701.';
