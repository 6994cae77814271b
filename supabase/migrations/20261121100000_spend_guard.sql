-- Spend guard: what models cost, what a person may spend in a month, and what they have spent.
-- Needs: identity, campaigns, agent jobs, budget.

-- Types ---------------------------------------------------------------------------------------------------------------

create type public.usage_kind as enum (
    'input',
    'cached_input',
    'output',
    'reasoning',
    'image',
    'search',
    'embedding'
);

-- Tables --------------------------------------------------------------------------------------------------------------

create table groundwork.model_prices (
    id bigint generated always as identity constraint model_prices_pkey primary key,
    model varchar(100) not null,
    usage_kind public.usage_kind not null,
    price numeric not null,
    per integer not null default 1000000,
    valid_from timestamptz not null default now(),
    constraint model_prices_model_usage_kind_valid_from_key unique (model, usage_kind, valid_from),
    constraint model_prices_model_check check (model ~ '\S'),
    -- Bounds, so that a slip of the keyboard is refused: nothing sold costs 10,000 a unit.
    constraint model_prices_price_check check (price >= 0 and price <= 10000 and groundwork.is_amount(price)),
    constraint model_prices_per_check check (per between 1 and 1000000)
);

create table groundwork.agent_settings (
    only_row boolean constraint agent_settings_pkey primary key default true,
    monthly_limit numeric not null default 20,
    max_queued_jobs integer not null default 10000,
    constraint agent_settings_only_row_check check (only_row),
    constraint agent_settings_monthly_limit_check check (monthly_limit >= 0 and groundwork.is_amount(monthly_limit)),
    constraint agent_settings_max_queued_jobs_check check (max_queued_jobs between 0 and 10000000)
);

create table groundwork.monthly_spends (
    user_id uuid not null
        constraint monthly_spends_user_id_fkey references public.users (id) on delete cascade,
    month date not null,
    spent numeric not null default 0,
    constraint monthly_spends_pkey primary key (user_id, month),
    constraint monthly_spends_month_check check (extract(day from month) = 1)
);

create table public.user_spend_limits (
    user_id uuid constraint user_spend_limits_pkey primary key
        constraint user_spend_limits_user_id_fkey references public.users (id) on delete cascade,
    monthly_limit numeric,
    max_queued_jobs integer,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint user_spend_limits_monthly_limit_check check (monthly_limit >= 0 and groundwork.is_amount(monthly_limit)),
    constraint user_spend_limits_max_queued_jobs_check check (max_queued_jobs between 0 and 10000000)
);

alter table public.budget_entries
    add column usage_kind public.usage_kind,
    add column quantity bigint,
    add column price_id bigint
        constraint budget_entries_price_id_fkey references groundwork.model_prices (id),
    add column provider_request_id varchar(200),
    add constraint budget_entries_usage_check check (num_nulls(usage_kind, quantity, price_id) in (0, 3)),
    add constraint budget_entries_quantity_check check (quantity > 0);

-- Indexes -------------------------------------------------------------------------------------------------------------

create index idx_budget_entries_price_id on public.budget_entries (price_id);
-- The same request of a provider is never booked twice. Each job's own, because some providers repeat their ids.
create unique index idx_budget_entries_provider_request
on public.budget_entries (user_id, agent_job_id, provider_request_id, usage_kind)
nulls not distinct
where provider_request_id is not null;

-- Functions -----------------------------------------------------------------------------------------------------------

-- plpgsql, because an SQL function with a search_path of its own costs five times as much a call.
create function groundwork.month_of(at timestamptz)
returns date
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return date_trunc('month', at at time zone 'UTC')::date;
end
$$;

-- To the next millionth, so that nothing that has a price is free.
create function groundwork.cost_of(quantity bigint, price numeric, per integer)
returns numeric
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return round(ceil(quantity * price / per * 1000000) / 1000000, 6);
end
$$;

-- plpgsql, so that the plan is kept.
create function groundwork.spend_limit_of(person uuid)
returns numeric
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        (select own.monthly_limit from public.user_spend_limits as own where own.user_id = person),
        -- Whoever signed up with nothing may not spend the operator's money.
        (select 0 from public.users where users.id = person and users.is_anonymous),
        (select settings.monthly_limit from groundwork.agent_settings as settings)
    );
end
$$;

-- plpgsql, so that the plan is kept.
create function groundwork.add_to_monthly_spends(user_ids uuid[], months date[], costs numeric[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into groundwork.monthly_spends as kept (user_id, month, spent)
    select entry.user_id, entry.month, sum(entry.cost)
    from unnest(user_ids, months, costs) as entry (user_id, month, cost)
    -- Entries go with their person; then there is nothing left to sum up.
    where exists (select from public.users where users.id = entry.user_id)
    group by entry.user_id, entry.month
    order by entry.user_id, entry.month
    on conflict on constraint monthly_spends_pkey do update set spent = kept.spent + excluded.spent;
end
$$;

-- Security definer: writes sums that nobody else may write.
create or replace function groundwork.keep_sums()
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
        perform groundwork.add_to_monthly_spends(
            array_agg(user_id),
            array_agg(groundwork.month_of(created_at)),
            array_agg(-cost)
        )
        from old_entries
        where resource_type <> 'ad_spend';
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
        perform groundwork.add_to_monthly_spends(
            array_agg(user_id),
            array_agg(groundwork.month_of(created_at)),
            array_agg(cost)
        )
        from new_entries
        where resource_type <> 'ad_spend';
    end if;
    return null;
end
$$;

-- Security definer: the prices are not the API's to read.
create function groundwork.prices_of(for_model text, at timestamptz)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_object_agg(latest.usage_kind, latest.price / latest.per)
    from (
        select distinct on (listed.usage_kind) listed.usage_kind, listed.price, listed.per
        from groundwork.model_prices as listed
        where listed.model = for_model and listed.valid_from <= at
        order by listed.usage_kind, listed.valid_from desc
    ) as latest;
$$;

create function public.get_model_prices(model text)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.prices_of(get_model_prices.model, now());
$$;

-- Security definer: the prices are not the API's to write.
create function groundwork.set_model_price(
    for_model text,
    kind public.usage_kind,
    price numeric,
    per integer,
    valid_from timestamptz
)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
    insert into groundwork.model_prices (model, usage_kind, price, per, valid_from)
    values (for_model, kind, price, per, valid_from);
$$;

create function public.set_model_price(
    model text,
    usage_kind public.usage_kind,
    price numeric,
    per integer default 1000000,
    valid_from timestamptz default now()
)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.set_model_price(model, usage_kind, price, per, valid_from);
$$;

-- Triggers ------------------------------------------------------------------------------------------------------------

create trigger set_updated_at
before update on public.user_spend_limits
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

-- Row-level security --------------------------------------------------------------------------------------------------

alter table public.user_spend_limits enable row level security;
-- No policy: only definer functions read these.
alter table groundwork.model_prices enable row level security;
alter table groundwork.agent_settings enable row level security;
alter table groundwork.monthly_spends enable row level security;

create policy "people can read their own limits"
on public.user_spend_limits
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

-- No insert, update or delete: it is the operator's money that is limited.

-- Grants --------------------------------------------------------------------------------------------------------------

revoke all on table public.user_spend_limits from public, anon, authenticated, service_role;
revoke all on table groundwork.model_prices from public, anon, authenticated, service_role;
revoke all on table groundwork.agent_settings from public, anon, authenticated, service_role;
revoke all on table groundwork.monthly_spends from public, anon, authenticated, service_role;
revoke all on sequence groundwork.model_prices_id_seq from public, anon, authenticated, service_role;

grant select on table public.user_spend_limits to authenticated;
grant select, insert, update, delete on table public.user_spend_limits to service_role;

revoke all on function groundwork.month_of(timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.cost_of(bigint, numeric, integer) from public, anon, authenticated, service_role;
revoke all on function groundwork.spend_limit_of(uuid) from public, anon, authenticated, service_role;
revoke all on function groundwork.add_to_monthly_spends(uuid[], date[], numeric[])
from public, anon, authenticated, service_role;
revoke all on function groundwork.prices_of(text, timestamptz) from public, anon, authenticated, service_role;
revoke all on function public.get_model_prices(text) from public, anon, authenticated, service_role;
revoke all on function groundwork.set_model_price(text, public.usage_kind, numeric, integer, timestamptz)
from public, anon, authenticated, service_role;
revoke all on function public.set_model_price(text, public.usage_kind, numeric, integer, timestamptz)
from public, anon, authenticated, service_role;

grant execute on function groundwork.prices_of(text, timestamptz) to service_role;
grant execute on function public.get_model_prices(text) to service_role;
grant execute on function groundwork.set_model_price(text, public.usage_kind, numeric, integer, timestamptz)
to service_role;
grant execute on function public.set_model_price(text, public.usage_kind, numeric, integer, timestamptz)
to service_role;

-- Data ----------------------------------------------------------------------------------------------------------------

insert into groundwork.agent_settings default values;

-- US dollars per million tokens, as the providers listed them in 2026. An operator adds to them: set_model_price().
insert into groundwork.model_prices (model, usage_kind, price, per, valid_from)
select listed.model, kind.usage_kind::public.usage_kind, kind.price, 1000000, '2026-01-01 00:00:00+00'
from (
    values
        ('offline', 0, 0, 0),
        ('gpt-4o-mini', 0.15, 0.075, 0.6),
        ('gpt-4o', 2.5, 1.25, 10),
        ('gpt-4.1-mini', 0.4, 0.1, 1.6),
        ('gpt-4.1', 2, 0.5, 8),
        ('gpt-5-mini', 0.25, 0.025, 2),
        ('gpt-5', 1.25, 0.125, 10)
) as listed (model, input, cached_input, output)
cross join lateral (
    values
        ('input', listed.input),
        ('cached_input', listed.cached_input),
        ('output', listed.output),
        -- Thinking is billed as output.
        ('reasoning', listed.output)
) as kind (usage_kind, price);

insert into groundwork.model_prices (model, usage_kind, price, per, valid_from)
values
    ('groundwork-lexical-1', 'embedding', 0, 1000000, '2026-01-01 00:00:00+00'),
    ('text-embedding-3-small', 'embedding', 0.02, 1000000, '2026-01-01 00:00:00+00'),
    ('text-embedding-3-large', 'embedding', 0.13, 1000000, '2026-01-01 00:00:00+00'),
    ('gpt-image-1', 'image', 0.042, 1, '2026-01-01 00:00:00+00'),
    ('web-search', 'search', 10, 1000, '2026-01-01 00:00:00+00');

insert into groundwork.monthly_spends (user_id, month, spent)
select entry.user_id, groundwork.month_of(entry.created_at), sum(entry.cost)
from public.budget_entries as entry
where entry.resource_type <> 'ad_spend'
group by entry.user_id, groundwork.month_of(entry.created_at);

insert into groundwork.error_codes (code, status, message, hint)
values
    (
        'GW801',
        422,
        'There is no price for this usage.',
        'Add one with set_model_price(): an unknown model is refused, because it would be free.'
    );

-- Comments ------------------------------------------------------------------------------------------------------------

comment on type public.usage_kind is
    'What is paid for: tokens (input, cached_input, output, reasoning, embedding), images, searches. Each unit counts '
    'under one kind: input without what came from the cache, output without reasoning.';

comment on table groundwork.model_prices is
    'What providers ask, in US dollars. The latest row that is valid counts; a new price is a new row.';
comment on column groundwork.model_prices.price is 'For `per` units: tokens, images or searches.';
comment on table groundwork.agent_settings is 'What holds for everyone who has no user_spend_limits of their own.';
comment on column groundwork.agent_settings.monthly_limit is
    'What agents and embeddings may cost for a person in a calendar month (UTC). Nothing for guests.';
comment on column groundwork.agent_settings.max_queued_jobs is 'How many jobs of a person may wait at once.';
comment on table groundwork.monthly_spends is 'Sums of the ledger, without ads, by person and calendar month (UTC).';

comment on table public.user_spend_limits is
    'Limits of one person where they differ from what holds for everyone. Written by the service role.';
comment on column public.user_spend_limits.monthly_limit is
    'What agents and embeddings may cost for them in a calendar month (UTC), in US dollars. Null: as for everyone.';
comment on column public.user_spend_limits.max_queued_jobs is
    'How many of their jobs may wait at once. Null: as for everyone.';

comment on column public.budget_entries.usage_kind is
    'What was used; null for entries that no price rates, as ads.';
comment on column public.budget_entries.quantity is
    'How much of it, as the provider counted: tokens, images, searches.';
comment on column public.budget_entries.price_id is 'The price row that it was rated with.';
comment on column public.budget_entries.provider_request_id is
    'The provider''s id of the request. With usage_kind it is booked once for a job.';

comment on function groundwork.month_of(timestamptz) is 'The first day of the calendar month, UTC.';
comment on function groundwork.cost_of(bigint, numeric, integer) is
    'What a quantity costs in US dollars, at a price for so many units.';
comment on function groundwork.spend_limit_of(uuid) is 'What agents may spend for a person in a month.';
comment on function groundwork.add_to_monthly_spends(uuid[], date[], numeric[]) is
    'Adds entries, given column by column, to the sums of their months.';
comment on function groundwork.keep_sums() is 'Trigger: keeps the sums of the ledger.';
comment on function groundwork.prices_of(text, timestamptz) is 'What public.get_model_prices() answers.';
comment on function public.get_model_prices(text) is
    'Service role only: US dollars for one unit of each usage kind; null for an unknown model.';
comment on function groundwork.set_model_price(text, public.usage_kind, numeric, integer, timestamptz) is
    'What public.set_model_price() does.';
comment on function public.set_model_price(text, public.usage_kind, numeric, integer, timestamptz) is
    'Service role only: the price in US dollars of `per` units from valid_from on. Earlier entries keep theirs.';
