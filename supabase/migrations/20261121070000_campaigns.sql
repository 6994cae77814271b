-- Campaigns: marketing campaigns with their budget, and the content made for them.
-- Needs: helpers, identity.

create type public.campaign_status as enum ('draft', 'active', 'paused', 'completed', 'archived');

-- campaigns -----------------------------------------------------------------------------------------------------------

create table public.campaigns (
    id uuid constraint campaigns_pkey primary key default gen_random_uuid(),
    user_id uuid not null default groundwork.current_user_id()
        constraint campaigns_user_id_fkey references public.users (id) on delete cascade,
    name varchar(255) not null,
    description varchar(1000),
    status public.campaign_status not null default 'draft',
    budget numeric not null default 0,
    spend numeric not null default 0,
    start_date timestamptz not null,
    end_date timestamptz,
    impressions bigint not null default 0,
    clicks bigint not null default 0,
    conversions bigint not null default 0,
    roi numeric not null default 0,
    budget_remaining numeric not null generated always as (budget - spend) stored,
    budget_used_percentage numeric not null generated always as (
        case when budget = 0 then 0 else round(spend * 100 / budget, 6) end
    ) stored,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint campaigns_user_id_id_key unique (user_id, id),
    constraint campaigns_name_check check (name ~ '\S'),
    constraint campaigns_budget_check check (budget >= 0 and groundwork.is_amount(budget)),
    -- spend is a sum, and no ledger entry may fail because of it. So it may be greater than is_amount() allows for one
    -- amount.
    constraint campaigns_spend_check check (spend = round(spend, 6) and abs(spend) < 'Infinity'),
    constraint campaigns_roi_check check (groundwork.is_amount(roi)),
    constraint campaigns_dates_check check (end_date >= start_date),
    constraint campaigns_metrics_check check (impressions >= 0 and clicks >= 0 and conversions >= 0)
);

comment on table public.campaigns is
    'Marketing campaigns. Amounts of money are in US dollars, like the prices of models.';
comment on column public.campaigns.name is '1 to 255 characters.';
comment on column public.campaigns.budget is 'What may be spent, 0 or more.';
comment on column public.campaigns.spend is
    'The sum of the campaign''s ledger entries. Triggers keep it, and clients never write it.';
comment on column public.campaigns.impressions is
    'How often the campaign was shown. Analytics writes it, and also clicks, conversions and roi.';
comment on column public.campaigns.roi is 'Return on investment: 2.3 means that 1 dollar spent brought 2.3 dollars.';
comment on column public.campaigns.budget_remaining is
    'budget - spend. It is below 0 if more than the budget was spent.';
comment on column public.campaigns.budget_used_percentage is 'spend in percent of budget; 0 if the budget is 0.';

create index idx_campaigns_user_id_name on public.campaigns (user_id, name);
create index idx_campaigns_user_id_status on public.campaigns (user_id, status);
create index idx_campaigns_user_id_created_at on public.campaigns (user_id, created_at desc);

-- The trigger has no condition, because a condition may not compare rows that have generated columns. So every update
-- changes updated_at.
create trigger set_updated_at
before update on public.campaigns
for each row
execute function groundwork.set_updated_at();

alter table public.campaigns enable row level security;

create policy "users can read their own campaigns"
on public.campaigns
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "users can plan campaigns of their own"
on public.campaigns
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()));

create policy "users can update their own campaigns"
on public.campaigns
for update
to authenticated
using (user_id = (select groundwork.current_user_id()))
with check (user_id = (select groundwork.current_user_id()));

create policy "users can delete their own campaigns"
on public.campaigns
for delete
to authenticated
using (user_id = (select groundwork.current_user_id()));

revoke all on table public.campaigns from public, anon, authenticated, service_role;
-- Users may not write spend, which is the sum of the ledger, or the metrics and roi, which analytics writes.
grant select, delete on table public.campaigns to authenticated;
grant
    insert (user_id, name, description, status, budget, start_date, end_date),
    update (name, description, status, budget, start_date, end_date)
on table public.campaigns to authenticated;
-- The service role may not write spend either.
grant select, delete on table public.campaigns to service_role;
grant
    insert (
        id, user_id, name, description, status, budget, start_date, end_date, impressions, clicks, conversions, roi
    ),
    update (name, description, status, budget, start_date, end_date, impressions, clicks, conversions, roi)
on table public.campaigns to service_role;

create type public.content_type as enum ('blog', 'email', 'social', 'video_script', 'ad_copy', 'landing_page');

create type public.content_status as enum ('draft', 'review', 'approved', 'published', 'archived');

comment on type public.content_status is
    'draft → review → approved → published → archived. Content in review may go back to draft. Only the user to whom '
    'the content belongs approves it.';

-- content_assets ------------------------------------------------------------------------------------------------------

create table public.content_assets (
    id uuid constraint content_assets_pkey primary key default gen_random_uuid(),
    user_id uuid not null default groundwork.current_user_id()
        constraint content_assets_user_id_fkey references public.users (id) on delete cascade,
    title varchar(500) not null,
    content text not null,
    content_type public.content_type not null,
    status public.content_status not null default 'draft',
    metadata jsonb not null default '{}',
    campaign_id uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint content_assets_user_id_campaign_id_fkey
        foreign key (user_id, campaign_id) references public.campaigns (user_id, id) on delete set null (campaign_id),
    constraint content_assets_title_check check (title ~ '\S'),
    constraint content_assets_metadata_check check (jsonb_typeof(metadata) = 'object')
);

comment on table public.content_assets is 'Texts that users and agents wrote, for a campaign or for none.';
comment on column public.content_assets.title is '1 to 500 characters.';
comment on column public.content_assets.metadata is
    'A JSON object with what the content type needs: keywords, subject, …';
comment on column public.content_assets.campaign_id is
    'The campaign of the content; null if it has none. Deleting the campaign sets it to null.';

create index idx_content_assets_user_id_title on public.content_assets (user_id, title);
create index idx_content_assets_user_id_content_type on public.content_assets (user_id, content_type);
create index idx_content_assets_user_id_status on public.content_assets (user_id, status);
create index idx_content_assets_user_id_campaign_id on public.content_assets (user_id, campaign_id);
create index idx_content_assets_user_id_created_at on public.content_assets (user_id, created_at desc);

create trigger set_updated_at
before update on public.content_assets
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

alter table public.content_assets enable row level security;

create policy "users can read their own content"
on public.content_assets
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "users can write content of their own"
on public.content_assets
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()));

create policy "users can update their own content"
on public.content_assets
for update
to authenticated
using (user_id = (select groundwork.current_user_id()))
with check (user_id = (select groundwork.current_user_id()));

create policy "users can delete their own content"
on public.content_assets
for delete
to authenticated
using (user_id = (select groundwork.current_user_id()));

revoke all on table public.content_assets from public, anon, authenticated, service_role;
-- Users may not write the first status: the content that they write starts as a draft.
grant select, delete on table public.content_assets to authenticated;
grant
    insert (user_id, title, content, content_type, metadata, campaign_id),
    update (title, content, content_type, status, metadata, campaign_id)
on table public.content_assets to authenticated;
grant select, insert, update, delete on table public.content_assets to service_role;

-- Functions -----------------------------------------------------------------------------------------------------------

-- Trigger: refuses changes of content_assets.status that are not allowed. Agents write content as well, so a human has
-- to approve it: its user, and neither an agent nor the service role. Errors: GW601, GW602.
create function groundwork.guard_content_status()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        if new.status not in ('draft', 'review') then
            perform groundwork.raise_error('GW601', format('%s can''t be the first status.', new.status));
        end if;
        return new;
    end if;

    if (old.status, new.status) not in (
        ('draft', 'review'),
        ('review', 'draft'),
        ('review', 'approved'),
        ('approved', 'published'),
        ('published', 'archived')
    ) then
        perform groundwork.raise_error('GW601', format('%s does not lead to %s.', old.status, new.status));
    end if;
    if new.status = 'approved' and new.user_id is distinct from groundwork.current_user_id() then
        perform groundwork.raise_error('GW602');
    end if;
    return new;
end
$$;

-- The triggers are for the roles of the API. The owner of the schema may write any status, because seed data and a
-- restore need it.
create trigger guard_first_content_status
before insert on public.content_assets
for each row
when (current_user in ('anon', 'authenticated', 'service_role'))
execute function groundwork.guard_content_status();

create trigger guard_content_status
before update on public.content_assets
for each row
when (old.status is distinct from new.status and current_user in ('anon', 'authenticated', 'service_role'))
execute function groundwork.guard_content_status();

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    (
        'GW601', 409, 'Content can''t move from this status to that one.',
        'The workflow is draft, review, approved, published, archived, one step at a time; review may go back to draft.'
    ),
    (
        'GW602', 403, 'Only its owner approves content.',
        'Set the status to approved with the token of the user whose content it is.'
    );

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.guard_content_status
from public, anon, authenticated, service_role;
