-- Helpers: the internal schema, the errors of the backend, and checks that several domains use.
-- Needs: nothing.

create schema groundwork;

revoke all on schema groundwork from public, anon, authenticated, service_role;

-- Policies call functions of this schema, and so do the functions of the API that run with the rights of the caller.
grant usage on schema groundwork to authenticated, service_role;

comment on schema groundwork is
    'Core of the backend: trigger functions, security-definer functions, predicates, and tables that no client may '
    'see. The API does not expose it.';

-- groundwork.error_codes ----------------------------------------------------------------------------------------------

create table groundwork.error_codes (
    code text constraint error_codes_pkey primary key,
    status smallint not null,
    message text not null,
    hint text not null,
    constraint error_codes_code_check check (code ~ '^GW\d{3}$'),
    constraint error_codes_status_check check (status between 400 and 599)
);

comment on table groundwork.error_codes is
    'Every error that this backend raises by itself. The documentation and the client''s union of codes are '
    'generated from it.';
comment on column groundwork.error_codes.code is
    'The code that clients compare: GW and three digits. The first digit stands for the domain.';
comment on column groundwork.error_codes.status is 'HTTP status of the response.';

-- No policy: only definer functions read the list.
alter table groundwork.error_codes enable row level security;

revoke all on table groundwork.error_codes from public, anon, authenticated, service_role;

-- Functions -----------------------------------------------------------------------------------------------------------

-- Raises the error with this code, so that its status, code, message, details and hint reach the client of the API.
--
-- Security definer: it reads the list of codes for callers that may not read the list.
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

-- Trigger: sets updated_at to the time of the transaction.
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

-- Returns whether the name is UTC, GMT, Etc/GMT±n, or a zone of the IANA database in the form Area/Location.
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
    -- Postgres also accepts abbreviations ("PST") and POSIX rules ("A/B3"). They name no place, and have no history of
    -- changes.
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

-- Returns whether the number is an amount of money: at most 12 digits before the decimal point, at most 6 after it, and
-- not NaN.
--
-- It is written in plpgsql, because a call of an SQL function with its own search_path takes five times as long.
create function groundwork.is_amount(amount numeric)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- The columns of amounts are not numeric(18, 6), because that type would round a number that has more decimals. NaN
    -- and Infinity are greater than any other number, so the second condition refuses them.
    return amount = round(amount, 6) and abs(amount) < 1e12;
end
$$;

-- Returns the seconds to wait before the next attempt: base_seconds × 2 ^ retries, an hour at most, minus a random
-- share of up to `jitter` of it (0 to 1). Because of that share, attempts that failed together are not repeated
-- together. If the other side has asked for a longer pause (asked_seconds), the result is that pause, a day at most.
create function groundwork.backoff_seconds(
    retries integer,
    base_seconds double precision,
    asked_seconds numeric,
    jitter double precision
)
returns double precision
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return greatest(
        least(coalesce(asked_seconds, 0), 86400),
        least(3600, base_seconds * 2 ^ retries) * (1 - jitter * random())
    );
end
$$;

-- Creates the function function_name(after uuid, max_users integer, …arguments). That function returns users who have
-- rows in a queue, up to max_users of them, in the order of their ids. It begins with the first id that is greater than
-- `after`. After the last id it continues with the first one. It takes one lookup in an index for each user.
--
-- Each queue has a function of its own, because plpgsql keeps the plans of statements that name their table.
create function groundwork.create_round_robin(function_name text, queue regclass, arguments text, condition text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format(
        $function$
            create function groundwork.%1$I(after uuid, max_users integer, %3$s)
            returns uuid[]
            language plpgsql
            stable
            set search_path = pg_catalog, pg_temp
            as $body$
            declare
                user_ids uuid[] := '{}'::uuid[];
                next_user_id uuid := after;
                is_wrapped boolean := false;
            begin
                while cardinality(user_ids) < max_users loop
                    select queued.user_id
                    into next_user_id
                    from %2$s as queued
                    where queued.user_id > next_user_id and %4$s
                    order by queued.user_id
                    limit 1;
                    if next_user_id is null then
                        exit when is_wrapped;
                        is_wrapped := true;
                        next_user_id := '00000000-0000-0000-0000-000000000000';
                    else
                        exit when is_wrapped and next_user_id > after;
                        user_ids := user_ids || next_user_id;
                    end if;
                end loop;
                return user_ids;
            end
            $body$
        $function$,
        function_name,
        queue,
        arguments,
        condition
    );
end
$$;

-- Returns the user whom this session served last, from the setting with this name. For a new session it returns a
-- random id. The user is kept in a setting and not in a row, because sessions would wait for each other to write a row.
create function groundwork.last_served_user(setting_name text)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(nullif(current_setting(setting_name, true), '')::uuid, gen_random_uuid());
end
$$;

-- Returns the latest migration and the version of pgvector.
--
-- Security definer: the roles of the API may not read the migration history.
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

comment on function public.backend_health() is
    'Service role only. Returns what the Edge Function health reports: {"migration": "<14 digits>" | null, '
    '"pgvector": "<version>" | null}.';

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.raise_error, groundwork.set_updated_at, groundwork.is_timezone, groundwork.is_amount,
    groundwork.backoff_seconds, groundwork.create_round_robin, groundwork.last_served_user, groundwork.backend_health,
    public.backend_health()
from public, anon, authenticated, service_role;

-- Check constraints and invoker functions run with the rights of the role that writes.
grant execute on function
    groundwork.raise_error,
    groundwork.is_timezone,
    groundwork.is_amount
to authenticated, service_role;

grant execute on function
    groundwork.backend_health,
    public.backend_health()
to service_role;
