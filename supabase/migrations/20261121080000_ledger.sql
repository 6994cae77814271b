-- Ledger: what was spent, the prices that usage is rated with, the limits of users, and the sums of the ledger.
-- Needs: helpers, identity, campaigns.

create type public.usage_kind as enum (
    'input',
    'cached_input',
    'output',
    'reasoning',
    'image',
    'search',
    'embedding'
);

comment on type public.usage_kind is
    'What is counted: tokens (input, cached_input, output, reasoning, embedding), images and searches. Each unit '
    'counts under one kind only: input does not include tokens from the cache, and output does not include reasoning.';

-- groundwork.model_prices ---------------------------------------------------------------------------------------------

create table groundwork.model_prices (
    id bigint generated always as identity constraint model_prices_pkey primary key,
    model varchar(100) not null,
    usage_kind public.usage_kind not null,
    price numeric not null,
    per integer not null default 1000000,
    valid_from timestamptz not null default now(),
    constraint model_prices_model_usage_kind_valid_from_key unique (model, usage_kind, valid_from),
    constraint model_prices_model_check check (model ~ '\S'),
    -- The limits refuse typing errors: nothing that is sold costs more than 10,000 dollars a unit.
    constraint model_prices_price_check check (price >= 0 and price <= 10000 and groundwork.is_amount(price)),
    constraint model_prices_per_check check (per between 1 and 1000000)
);

comment on table groundwork.model_prices is
    'The prices of providers, in US dollars. The latest row whose valid_from has passed counts. A new price is a new '
    'row.';
comment on column groundwork.model_prices.price is 'The price of `per` units: tokens, images or searches.';

-- No policy: only definer functions read prices.
alter table groundwork.model_prices enable row level security;

revoke all on table groundwork.model_prices from public, anon, authenticated, service_role;
revoke all on sequence groundwork.model_prices_id_seq from public, anon, authenticated, service_role;

-- Prices in US dollars per million tokens, as the providers listed them in 2026. An operator adds prices with
-- set_model_price().
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
        -- Providers bill reasoning at the price of output.
        ('reasoning', listed.output)
) as kind (usage_kind, price);

insert into groundwork.model_prices (model, usage_kind, price, per, valid_from)
values
    ('groundwork-lexical-1', 'embedding', 0, 1000000, '2026-01-01 00:00:00+00'),
    ('text-embedding-3-small', 'embedding', 0.02, 1000000, '2026-01-01 00:00:00+00'),
    ('text-embedding-3-large', 'embedding', 0.13, 1000000, '2026-01-01 00:00:00+00'),
    ('gpt-image-1', 'image', 0.042, 1, '2026-01-01 00:00:00+00'),
    ('web-search', 'search', 10, 1000, '2026-01-01 00:00:00+00');

-- groundwork.settings -------------------------------------------------------------------------------------------------

create table groundwork.settings (
    only_row boolean constraint settings_pkey primary key default true,
    monthly_limit numeric not null default 20,
    constraint settings_only_row_check check (only_row),
    constraint settings_monthly_limit_check check (monthly_limit >= 0 and groundwork.is_amount(monthly_limit))
);

comment on table groundwork.settings is
    'One row with the settings for all users. A row of user_spend_limits can set other limits for one user.';
comment on column groundwork.settings.monthly_limit is
    'What agents and embeddings may cost for a user in a calendar month (UTC), in US dollars. The limit of a guest is '
    '0.';

alter table groundwork.settings enable row level security;

revoke all on table groundwork.settings from public, anon, authenticated, service_role;

insert into groundwork.settings default values;

-- user_spend_limits ---------------------------------------------------------------------------------------------------

create table public.user_spend_limits (
    user_id uuid constraint user_spend_limits_pkey primary key
        constraint user_spend_limits_user_id_fkey references public.users (id) on delete cascade,
    monthly_limit numeric,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint user_spend_limits_monthly_limit_check check (monthly_limit >= 0 and groundwork.is_amount(monthly_limit))
);

comment on table public.user_spend_limits is
    'The limits of a user, where they differ from those in groundwork.settings. The service role writes them.';
comment on column public.user_spend_limits.monthly_limit is
    'What agents and embeddings may cost for the user in a calendar month (UTC), in US dollars. If it is null, the '
    'limit for all users holds.';

create trigger set_updated_at
before update on public.user_spend_limits
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

alter table public.user_spend_limits enable row level security;

create policy "users can read their own limits"
on public.user_spend_limits
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

-- No insert, update or delete: the limits protect the operator's money.

revoke all on table public.user_spend_limits from public, anon, authenticated, service_role;
grant select on table public.user_spend_limits to authenticated;
grant select, insert, update, delete on table public.user_spend_limits to service_role;

create type public.resource_type as enum (
    'openai_api',
    'web_search',
    'file_search',
    'image_generation',
    'embedding',
    'ad_spend'
);

-- budget_entries ------------------------------------------------------------------------------------------------------

create table public.budget_entries (
    id uuid constraint budget_entries_pkey primary key default gen_random_uuid(),
    user_id uuid not null default groundwork.current_user_id()
        constraint budget_entries_user_id_fkey references public.users (id) on delete cascade,
    resource_type public.resource_type not null,
    cost numeric not null,
    tokens_used bigint not null default 0,
    model_used varchar(100),
    description varchar(500),
    -- The domain of jobs adds the foreign key.
    agent_job_id uuid,
    campaign_id uuid,
    usage_kind public.usage_kind,
    quantity bigint,
    price_id bigint
        constraint budget_entries_price_id_fkey references groundwork.model_prices (id),
    provider_request_id varchar(200),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint budget_entries_user_id_campaign_id_fkey
        foreign key (user_id, campaign_id) references public.campaigns (user_id, id) on delete set null (campaign_id),
    constraint budget_entries_cost_check check (groundwork.is_amount(cost)),
    constraint budget_entries_usage_check check (num_nulls(usage_kind, quantity, price_id) in (0, 3)),
    constraint budget_entries_quantity_check check (quantity > 0)
);

comment on table public.budget_entries is
    'The ledger, which has every cost once. The spend of a campaign and the cost and tokens_used of a job are sums of '
    'its entries.';
comment on column public.budget_entries.cost is 'In US dollars. It may be negative in a correction.';
comment on column public.budget_entries.tokens_used is 'How many tokens were used. It may be negative in a correction.';
comment on column public.budget_entries.model_used is 'The model that used the tokens.';
comment on column public.budget_entries.agent_job_id is
    'The job that caused the cost. Deleting the job deletes the entry.';
comment on column public.budget_entries.campaign_id is
    'The campaign that pays. Deleting the campaign sets it to null. The entry stays, because the money was spent.';
comment on column public.budget_entries.usage_kind is
    'What was used; null for entries that are not rated with a price, such as ads.';
comment on column public.budget_entries.quantity is
    'How many units were used, as the provider counted them: tokens, images or searches.';
comment on column public.budget_entries.price_id is 'The row of model_prices that the usage was rated with.';
comment on column public.budget_entries.provider_request_id is
    'The provider''s id of the request. A request is booked once for each user, job and usage_kind.';

create index idx_budget_entries_user_id_created_at on public.budget_entries (user_id, created_at desc);
create index idx_budget_entries_user_id_resource_type on public.budget_entries (user_id, resource_type);
create index idx_budget_entries_user_id_campaign_id on public.budget_entries (user_id, campaign_id);
create index idx_budget_entries_price_id on public.budget_entries (price_id);
-- A request to a provider is booked once. The job is part of the key, because some providers use one id for several
-- jobs.
create unique index idx_budget_entries_provider_request
on public.budget_entries (user_id, agent_job_id, provider_request_id, usage_kind)
nulls not distinct
where provider_request_id is not null;

create trigger set_updated_at
before update on public.budget_entries
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

alter table public.budget_entries enable row level security;

create policy "users can read their own ledger"
on public.budget_entries
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "users can enter what they spent on ads"
on public.budget_entries
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()) and resource_type = 'ad_spend');

-- No update or delete by users: a correction is another entry, and its cost may be negative.

revoke all on table public.budget_entries from public, anon, authenticated, service_role;
grant select on table public.budget_entries to authenticated;
grant insert (user_id, resource_type, cost, description, campaign_id) on table public.budget_entries to authenticated;
grant select, insert, update, delete on table public.budget_entries to service_role;

-- groundwork.monthly_spends -------------------------------------------------------------------------------------------

create table groundwork.monthly_spends (
    user_id uuid not null
        constraint monthly_spends_user_id_fkey references public.users (id) on delete cascade,
    month date not null,
    spent numeric not null default 0,
    constraint monthly_spends_pkey primary key (user_id, month),
    constraint monthly_spends_month_check check (extract(day from month) = 1)
);

comment on table groundwork.monthly_spends is 'Sums of the ledger by user and calendar month (UTC), without ads.';

-- No policy: only definer functions read it.
alter table groundwork.monthly_spends enable row level security;

revoke all on table groundwork.monthly_spends from public, anon, authenticated, service_role;

-- groundwork.daily_costs ----------------------------------------------------------------------------------------------

create table groundwork.daily_costs (
    day date not null,
    model text not null,
    backend integer not null,
    cost numeric not null,
    tokens_used numeric not null,
    constraint daily_costs_pkey primary key (day, model, backend)
);

comment on table groundwork.daily_costs is
    'What the whole project was charged by day (UTC) and model, without ads. No row names a user, so the sums stay '
    'when users are deleted.';
comment on column groundwork.daily_costs.model is 'The model, or the resource_type of entries that have no model.';
comment on column groundwork.daily_costs.backend is
    'The process id of the session that wrote the row. The sum of a day and model is the sum of its rows. Each session '
    'has a row of its own, so that no session waits for another one.';

-- No policy: only definer functions read it.
alter table groundwork.daily_costs enable row level security;

revoke all on table groundwork.daily_costs from public, anon, authenticated, service_role;

-- Keeping the sums ----------------------------------------------------------------------------------------------------

-- Returns the first day of the calendar month (UTC).
--
-- It is written in plpgsql, because a call of an SQL function with its own search_path takes five times as long.
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

-- Adds entries to the spend of their campaigns and to the sums of their months, or subtracts them if sign is -1.
--
-- It is written in plpgsql, so that Postgres keeps the plans.
create function groundwork.add_to_sums(entries public.budget_entries[], sign integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Every session locks campaigns in the order of their ids.
    perform
    from public.campaigns
    where id in (select entry.campaign_id from unnest(entries) as entry)
    order by id
    for no key update;

    update public.campaigns
    set spend = campaigns.spend + change.cost
    from (
        select entry.user_id, entry.campaign_id, sign * sum(entry.cost) as cost
        from unnest(entries) as entry
        where entry.campaign_id is not null
        group by entry.user_id, entry.campaign_id
    ) as change
    where campaigns.user_id = change.user_id and campaigns.id = change.campaign_id;

    insert into groundwork.monthly_spends as kept (user_id, month, spent)
    select entry.user_id, groundwork.month_of(entry.created_at) as month, sign * sum(entry.cost)
    from unnest(entries) as entry
    where entry.resource_type <> 'ad_spend'
        -- Deleting a user deletes the user's entries and the rows of the months as well.
        and exists (select from public.users where users.id = entry.user_id)
    group by entry.user_id, month
    order by entry.user_id, month
    on conflict on constraint monthly_spends_pkey do update set spent = kept.spent + excluded.spent;
end
$$;

-- Adds entries to the sums of their days, and takes the former ones away that they replace. It is one statement, which
-- locks the rows in one order.
create function groundwork.add_to_daily_costs(present public.budget_entries[], former public.budget_entries[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into groundwork.daily_costs as kept (day, model, backend, cost, tokens_used)
    select
        (entry.created_at at time zone 'UTC')::date as day,
        coalesce(entry.model_used, entry.resource_type::text) as model,
        pg_backend_pid(),
        sum(entry.cost),
        sum(entry.tokens_used)
    from (
        select created_at, model_used, resource_type, cost, tokens_used
        from unnest(present)
        union all
        select created_at, model_used, resource_type, -cost, -tokens_used
        from unnest(former)
    ) as entry
    where entry.resource_type <> 'ad_spend'
    group by day, model
    order by day, model
    on conflict on constraint daily_costs_pkey do update
    set cost = kept.cost + excluded.cost, tokens_used = kept.tokens_used + excluded.tokens_used;
end
$$;

-- Trigger: keeps the sums of the ledger. Deleting an entry does not lower the sum of its day, because the provider was
-- paid. A correction is another entry, and does change the sum.
--
-- Security definer: it writes sums that no role of the API may write.
create function groundwork.keep_sums()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    former public.budget_entries[];
    present public.budget_entries[];
begin
    if tg_op <> 'INSERT' then
        select array_agg(old_entries::public.budget_entries) into former from old_entries;
        perform groundwork.add_to_sums(former, -1);
    end if;
    if tg_op <> 'DELETE' then
        select array_agg(new_entries::public.budget_entries) into present from new_entries;
        perform groundwork.add_to_sums(present, 1);
        perform groundwork.add_to_daily_costs(present, former);
    end if;
    return null;
end
$$;

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

-- Limits and prices ---------------------------------------------------------------------------------------------------

-- Returns what agents and embeddings may cost for a user in a month.
--
-- It is written in plpgsql, so that Postgres keeps the plan.
create function groundwork.spend_limit_of(for_user_id uuid)
returns numeric
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        (select own.monthly_limit from public.user_spend_limits as own where own.user_id = for_user_id),
        -- A guest signed up without credentials, and may not spend the operator's money.
        (select 0 from public.users where users.id = for_user_id and users.is_anonymous),
        (select settings.monthly_limit from groundwork.settings as settings)
    );
end
$$;

-- Returns what a quantity costs in US dollars, at a price for `per` units.
--
-- The cost is rounded up to the next millionth, so that nothing that has a price is free.
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

-- Security definer: the roles of the API may not read prices.
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

comment on function public.get_model_prices(text) is
    'Service role only. Returns the price of one unit in US dollars for each usage kind, as a JSON object; null for '
    'an unknown model.';

-- Security definer: the roles of the API may not write prices.
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

comment on function public.set_model_price(text, public.usage_kind, numeric, integer, timestamptz) is
    'Service role only. Sets the price of `per` units in US dollars, from valid_from on. Earlier ledger entries keep '
    'their price.';

-- Costs of the project ------------------------------------------------------------------------------------------------

-- Security definer: the roles of the API may not read the sums.
create function groundwork.get_daily_costs(from_day date, to_day date)
returns table (day date, model text, cost numeric, tokens_used numeric)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select kept.day, kept.model, sum(kept.cost), sum(kept.tokens_used)
    from groundwork.daily_costs as kept
    where kept.day between from_day and to_day
    group by kept.day, kept.model
    order by kept.day, kept.model;
end
$$;

create function public.get_daily_costs(from_day date, to_day date)
returns table (day date, model text, cost numeric, tokens_used numeric)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select * from groundwork.get_daily_costs(from_day, to_day);
end
$$;

comment on function public.get_daily_costs(date, date) is
    'Service role only. Returns what models have cost the whole project, in US dollars, by day (UTC) and model, from '
    'from_day to to_day (both included). The sums do not include ads. They include the costs of users who were '
    'deleted.';

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    (
        'GW801', 422, 'There is no price for this usage.',
        'Add one with set_model_price(): an unknown model is refused, because it would be free.'
    );

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.month_of, groundwork.add_to_sums, groundwork.add_to_daily_costs, groundwork.keep_sums,
    groundwork.spend_limit_of, groundwork.cost_of, groundwork.prices_of, groundwork.set_model_price,
    groundwork.get_daily_costs,
    public.get_model_prices(text),
    public.set_model_price(text, public.usage_kind, numeric, integer, timestamptz),
    public.get_daily_costs(date, date)
from public, anon, authenticated, service_role;

grant execute on function
    groundwork.prices_of,
    public.get_model_prices(text),
    groundwork.set_model_price,
    public.set_model_price(text, public.usage_kind, numeric, integer, timestamptz),
    groundwork.get_daily_costs,
    public.get_daily_costs(date, date)
to service_role;
