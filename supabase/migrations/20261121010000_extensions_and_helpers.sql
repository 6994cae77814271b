-- Extensions and helpers: what every later domain uses.
-- Needs: nothing.

-- Extensions ----------------------------------------------------------------------------------------------------------

create extension if not exists vector with schema extensions;
-- For indexes by words that lead with the owner.
create extension if not exists btree_gin with schema extensions;

-- Schema --------------------------------------------------------------------------------------------------------------

create schema groundwork;

revoke all on schema groundwork from public, anon, authenticated, service_role;
-- An invoker function of the API finds the private function it calls by name, as its caller.
grant usage on schema groundwork to authenticated, service_role;

comment on schema groundwork is
    'Core of the backend: trigger functions, security-definer functions, predicates, and tables that no client may '
    'see. Not exposed by the API.';

-- Tables --------------------------------------------------------------------------------------------------------------

create table groundwork.error_codes (
    code text constraint error_codes_pkey primary key,
    status smallint not null,
    message text not null,
    hint text not null,
    constraint error_codes_code_check check (code ~ '^GW\d{3}$'),
    constraint error_codes_status_check check (status between 400 and 599)
);

-- Functions -----------------------------------------------------------------------------------------------------------

create function groundwork.set_updated_at()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.updated_at := now();
    return new;
end
$$;

-- Security definer: reads the list of codes for callers that may not see it.
create function groundwork.raise_error(code text, details text default null)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    error groundwork.error_codes;
begin
    select listed.*
    into strict error
    from groundwork.error_codes as listed
    where listed.code = raise_error.code;

    -- PostgREST's form for custom errors:
    -- https://docs.postgrest.org/en/v14/references/errors.html#raise-errors-with-http-status-codes
    raise sqlstate 'PGRST'
        using
            message = jsonb_build_object(
                'code', error.code,
                'message', error.message,
                'details', details,
                'hint', error.hint
            )::text,
            detail = jsonb_build_object('status', error.status, 'headers', '{}'::jsonb)::text;
end
$$;

create function groundwork.is_timezone(name text)
returns boolean
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
as $$
begin
    if name in ('UTC', 'GMT') then
        return true;
    end if;
    -- Postgres also takes abbreviations ("PST") and POSIX rules ("A/B3"), which are no places and know no history.
    if name !~ '^([A-Za-z_]+(/[A-Za-z_-]+){1,2}|Etc/GMT[+-]\d{1,2})$' then
        return false;
    end if;
    perform now() at time zone name;
    return true;
exception
    when invalid_parameter_value then
        return false;
end
$$;

-- plpgsql, because an SQL function with a search_path of its own costs five times as much a call.
create function groundwork.is_amount(amount numeric)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- A column of numeric(18, 6) would round what has more decimals; NaN and Infinity are greater than any number.
    return amount = round(amount, 6) and abs(amount) < 1e12;
end
$$;

-- Security definer: the migration history and the extensions are not the API's to read.
create function groundwork.backend_health()
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    latest_migration text;
begin
    -- Migrations that were applied by hand leave no history.
    if to_regclass('supabase_migrations.schema_migrations') is not null then
        execute 'select max(version) from supabase_migrations.schema_migrations' into latest_migration;
    end if;
    return jsonb_build_object(
        'migration', latest_migration,
        'pgvector', (select extversion from pg_catalog.pg_extension where extname = 'vector')
    );
end
$$;

create function public.backend_health()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.backend_health();
$$;

-- Row-level security --------------------------------------------------------------------------------------------------

-- No policy: only definer functions read the list.
alter table groundwork.error_codes enable row level security;

-- Grants --------------------------------------------------------------------------------------------------------------

revoke all on table groundwork.error_codes from public, anon, authenticated, service_role;

revoke all on function groundwork.set_updated_at() from public, anon, authenticated, service_role;
revoke all on function groundwork.raise_error(text, text) from public, anon, authenticated, service_role;
revoke all on function groundwork.is_timezone(text) from public, anon, authenticated, service_role;
revoke all on function groundwork.is_amount(numeric) from public, anon, authenticated, service_role;
revoke all on function groundwork.backend_health() from public, anon, authenticated, service_role;
revoke all on function public.backend_health() from public, anon, authenticated, service_role;

-- Check constraints and invoker functions run as the person who writes.
grant execute on function groundwork.raise_error(text, text) to authenticated, service_role;
grant execute on function groundwork.is_timezone(text) to authenticated, service_role;
grant execute on function groundwork.is_amount(numeric) to authenticated, service_role;
grant execute on function groundwork.backend_health() to service_role;
grant execute on function public.backend_health() to service_role;

-- Comments ------------------------------------------------------------------------------------------------------------

comment on table groundwork.error_codes is
    'Every error that this backend raises by itself. The documentation and the client''s union of codes are '
    'generated from it.';
comment on column groundwork.error_codes.code is
    'What clients branch on: GW and three digits, the first of them the domain.';
comment on column groundwork.error_codes.status is 'HTTP status of the answer.';

comment on function groundwork.set_updated_at() is 'Trigger: moves updated_at to the time of the transaction.';
comment on function groundwork.raise_error(text, text) is
    'Raises the error of that code so that status, code, message, details and hint reach the client of the API.';
comment on function groundwork.is_timezone(text) is
    'Whether the name is a zone of the IANA database in its Area/Location form, UTC, GMT or Etc/GMT±n.';
comment on function groundwork.is_amount(numeric) is
    'Whether it is an amount of money: at most 12 digits before the point and 6 after it, no NaN.';
comment on function groundwork.backend_health() is 'The latest migration and the version of pgvector.';
comment on function public.backend_health() is
    'For the health function, service role only: {"migration": "<14 digits>" | null, "pgvector": "<version>" | null}.';
