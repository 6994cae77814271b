-- Budget: the ledger of what was spent, on which campaign, by which agent job.
-- Needs: identity, campaigns, agent jobs.

-- Types ---------------------------------------------------------------------------------------------------------------

create type public.resource_type as enum (
    'openai_api',
    'web_search',
    'file_search',
    'image_generation',
    'embedding',
    'ad_spend'
);

-- Tables --------------------------------------------------------------------------------------------------------------

create table public.budget_entries (
    id uuid constraint budget_entries_pkey primary key default gen_random_uuid(),
    user_id uuid not null default groundwork.current_user_id()
        constraint budget_entries_user_id_fkey references public.users (id) on delete cascade,
    resource_type public.resource_type not null,
    cost numeric not null,
    tokens_used bigint not null default 0,
    model_used varchar(100),
    description varchar(500),
    agent_job_id uuid,
    campaign_id uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint budget_entries_user_id_agent_job_id_fkey
        foreign key (user_id, agent_job_id) references public.agent_jobs (user_id, id) on delete cascade,
    constraint budget_entries_user_id_campaign_id_fkey
        foreign key (user_id, campaign_id) references public.campaigns (user_id, id) on delete set null (campaign_id),
    constraint budget_entries_cost_check check (groundwork.is_amount(cost))
);

-- Indexes -------------------------------------------------------------------------------------------------------------

create index idx_budget_entries_user_id_created_at on public.budget_entries (user_id, created_at desc);
create index idx_budget_entries_user_id_resource_type on public.budget_entries (user_id, resource_type);
create index idx_budget_entries_user_id_agent_job_id on public.budget_entries (user_id, agent_job_id);
create index idx_budget_entries_user_id_campaign_id on public.budget_entries (user_id, campaign_id);

-- Functions -----------------------------------------------------------------------------------------------------------

-- plpgsql, so that the plans are kept.
create function groundwork.add_to_sums(
    user_ids uuid[],
    campaign_ids uuid[],
    agent_job_ids uuid[],
    costs numeric[],
    tokens bigint[]
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- In the order in which everybody locks them.
    perform
    from public.campaigns
    where id = any(campaign_ids)
    order by id
    for no key update;

    update public.campaigns
    set spend = campaigns.spend + change.cost
    from (
        select entry.user_id, entry.campaign_id, sum(entry.cost) as cost
        from unnest(user_ids, campaign_ids, costs) as entry (user_id, campaign_id, cost)
        where entry.campaign_id is not null
        group by entry.user_id, entry.campaign_id
    ) as change
    where campaigns.user_id = change.user_id and campaigns.id = change.campaign_id;

    -- Who settles jobs writes their sums together with everything else.
    if current_setting('groundwork.settles_jobs', true) = 'yes' then
        return;
    end if;

    update public.agent_jobs
    set
        cost = agent_jobs.cost + change.cost,
        tokens_used = agent_jobs.tokens_used + change.tokens
    from (
        select entry.user_id, entry.agent_job_id, sum(entry.cost) as cost, sum(entry.tokens)::bigint as tokens
        from unnest(user_ids, agent_job_ids, costs, tokens) as entry (user_id, agent_job_id, cost, tokens)
        where entry.agent_job_id is not null
        group by entry.user_id, entry.agent_job_id
    ) as change
    where agent_jobs.user_id = change.user_id and agent_jobs.id = change.agent_job_id;
end
$$;

-- Security definer: writes sums that nobody else may write.
create function groundwork.keep_sums()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op <> 'INSERT' then
        perform groundwork.add_to_sums(
            array_agg(user_id),
            array_agg(campaign_id),
            array_agg(agent_job_id),
            array_agg(-cost),
            array_agg(-tokens_used)
        )
        from old_entries;
    end if;
    if tg_op <> 'DELETE' then
        perform groundwork.add_to_sums(
            array_agg(user_id),
            array_agg(campaign_id),
            array_agg(agent_job_id),
            array_agg(cost),
            array_agg(tokens_used)
        )
        from new_entries;
    end if;
    return null;
end
$$;

-- Triggers ------------------------------------------------------------------------------------------------------------

create trigger set_updated_at
before update on public.budget_entries
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

create trigger keep_sums_after_insert
after insert on public.budget_entries
referencing new table as new_entries
for each statement
execute function groundwork.keep_sums();

create trigger keep_sums_after_update
after update on public.budget_entries
referencing old table as old_entries new table as new_entries
for each statement
execute function groundwork.keep_sums();

create trigger keep_sums_after_delete
after delete on public.budget_entries
referencing old table as old_entries
for each statement
execute function groundwork.keep_sums();

-- Row-level security --------------------------------------------------------------------------------------------------

alter table public.budget_entries enable row level security;

create policy "people can read their own ledger"
on public.budget_entries
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "people can enter what they spent on ads"
on public.budget_entries
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()) and resource_type = 'ad_spend');

-- No update or delete: the ledger only grows. A correction is another entry, if need be of a negative cost.

-- Grants --------------------------------------------------------------------------------------------------------------

revoke all on table public.budget_entries from public, anon, authenticated, service_role;

grant select on table public.budget_entries to authenticated;
grant insert (user_id, resource_type, cost, description, campaign_id) on table public.budget_entries to authenticated;
grant select, insert, update, delete on table public.budget_entries to service_role;

revoke all on function groundwork.add_to_sums(uuid[], uuid[], uuid[], numeric[], bigint[])
from public, anon, authenticated, service_role;
revoke all on function groundwork.keep_sums() from public, anon, authenticated, service_role;

-- Comments ------------------------------------------------------------------------------------------------------------

comment on table public.budget_entries is
    'The ledger: every cost, once. A campaign''s spend and a job''s cost and tokens_used are its sums.';
comment on column public.budget_entries.cost is 'In US dollars; negative in a correction.';
comment on column public.budget_entries.tokens_used is 'Negative in a correction.';
comment on column public.budget_entries.model_used is 'The model that the tokens were used by.';
comment on column public.budget_entries.agent_job_id is 'The job that caused the cost. Its deletion deletes the entry.';
comment on column public.budget_entries.campaign_id is
    'The campaign that pays. Its deletion sets it to null: the money is spent all the same.';

comment on function groundwork.add_to_sums(uuid[], uuid[], uuid[], numeric[], bigint[]) is
    'Adds entries, given column by column, to the sums of their campaigns and jobs.';
comment on function groundwork.keep_sums() is 'Trigger: keeps the sums of the ledger.';
