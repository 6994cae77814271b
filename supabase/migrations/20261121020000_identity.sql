-- Identity: users of Supabase Auth and of outside issuers, and their preferences.
-- Needs: helpers.
-- Adds to: auth.users.

-- Returns the users.id of the user whose token came with the request, or null. The subject of the token need not be a
-- uuid. For an account of Supabase Auth the id is the subject itself, even if the account no longer exists.
--
-- Security definer: it looks up an account of an outside issuer in users, and the policies of users call this function.
create function groundwork.current_user_id()
returns uuid
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- It is json and not jsonb, because a conversion to jsonb would convert all claims, and only one is needed.
    subject text := nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub';
begin
    if subject ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
        return subject::uuid;
    end if;
    return (
        select users.id
        from public.users
        where users.clerk_user_id = subject
    );
end
$$;

-- users ---------------------------------------------------------------------------------------------------------------

create table public.users (
    id uuid constraint users_pkey primary key default gen_random_uuid(),
    -- Deleting the account in Supabase Auth deletes the user here, and all rows of the user.
    auth_user_id uuid
        constraint users_auth_user_id_key unique
        constraint users_auth_user_id_fkey references auth.users (id) on delete cascade,
    clerk_user_id varchar(255) constraint users_clerk_user_id_key unique,
    email text constraint users_email_key unique,
    -- It is not unique here. Supabase Auth keeps it unique, and the mirror must not refuse what Supabase Auth has
    -- accepted.
    phone text,
    is_anonymous boolean not null default false,
    name text not null,
    timezone text not null default 'UTC',
    vibe_profile jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint users_auth_user_id_check check (auth_user_id = id),
    constraint users_account_check check (num_nonnulls(auth_user_id, clerk_user_id) = 1),
    constraint users_contact_check check (email is not null or phone is not null or is_anonymous),
    constraint users_email_check check (char_length(email) between 3 and 255 and email = lower(email)),
    constraint users_name_check check (name ~ '\S' and char_length(name) <= 200),
    constraint users_timezone_check check (char_length(timezone) <= 50 and groundwork.is_timezone(timezone)),
    constraint users_vibe_profile_check check (jsonb_typeof(vibe_profile) = 'object')
);

comment on table public.users is
    'One row for each user. A trigger keeps the rows for accounts of Supabase Auth. ensure_user() makes the rows for '
    'accounts of an outside issuer (Clerk).';
comment on column public.users.id is 'The id of the user. For an account of Supabase Auth it equals auth.users.id.';
comment on column public.users.auth_user_id is
    'The account of Supabase Auth; null for an account of an outside issuer.';
comment on column public.users.clerk_user_id is
    'The subject of the outside issuer''s tokens ("user_…"); null for Supabase Auth.';
comment on column public.users.email is
    'The e-mail address of the account, in lower case. It follows the account. It is null only for anonymous accounts '
    'and for accounts that have only a phone number.';
comment on column public.users.phone is
    'The phone number of the account, in the form that Supabase Auth keeps. It follows the account.';
comment on column public.users.is_anonymous is
    'Whether the user signed in without credentials. It becomes false when the user adds credentials.';
comment on column public.users.name is
    'The name that is shown, 1 to 200 characters. It comes from the account at first, and the user may change it.';
comment on column public.users.timezone is 'A time zone of the IANA database, such as Europe/Berlin.';
comment on column public.users.vibe_profile is
    'What the user cares for, as discover() uses it. It is computed, and clients never write it.';

create trigger set_updated_at
before update on public.users
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

alter table public.users enable row level security;

create policy "users can read their own account"
on public.users
for select
to authenticated
using (id = (select groundwork.current_user_id()));

create policy "users can update their own account"
on public.users
for update
to authenticated
using (id = (select groundwork.current_user_id()))
with check (id = (select groundwork.current_user_id()));

-- No insert: users come from sign-up and ensure_user(). No delete: an account is deleted where it was made.

revoke all on table public.users from public, anon, authenticated, service_role;
grant select on table public.users to authenticated;
-- Users may not write e-mail, phone and is_anonymous, which follow the account, or vibe_profile, which is computed.
grant update (name, timezone) on table public.users to authenticated;
grant select, insert, update, delete on table public.users to service_role;

-- Returns whether user_preferences.custom_hours has its documented shape.
create function groundwork.is_custom_hours(hours jsonb)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        jsonb_typeof(hours) = 'object'
        and hours ->> 'start' ~ '^([01]\d|2[0-3]):[0-5]\d$'
        and hours ->> 'end' ~ '^([01]\d|2[0-3]):[0-5]\d$'
        and groundwork.is_timezone(hours ->> 'timezone'),
        false
    );
$$;

-- Returns whether user_preferences.communication_preferences has its documented shape.
create function groundwork.is_communication_preferences(preferences jsonb)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        jsonb_typeof(preferences -> 'email') = 'boolean'
        and jsonb_typeof(preferences -> 'sms') = 'boolean'
        and jsonb_typeof(preferences -> 'in_app') = 'boolean',
        false
    );
$$;

-- user_preferences ----------------------------------------------------------------------------------------------------

create table public.user_preferences (
    id uuid constraint user_preferences_pkey primary key default gen_random_uuid(),
    user_id uuid not null default groundwork.current_user_id()
        constraint user_preferences_user_id_key unique
        constraint user_preferences_user_id_fkey references public.users (id) on delete cascade,
    custom_hours jsonb,
    theme varchar(50) not null default 'modern',
    communication_preferences jsonb,
    onboarding_completed boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint user_preferences_custom_hours_check check (
        custom_hours is null
        or groundwork.is_custom_hours(custom_hours)
    ),
    constraint user_preferences_theme_check check (theme <> ''),
    constraint user_preferences_communication_preferences_check check (
        communication_preferences is null
        or groundwork.is_communication_preferences(communication_preferences)
    )
);

comment on table public.user_preferences is
    'The preferences of users. A user has at most one row, which is made when the user sets the first preference.';
comment on column public.user_preferences.custom_hours is
    'Working hours: {"start": "09:00", "end": "17:00", "timezone": "America/Los_Angeles"}.';
comment on column public.user_preferences.theme is 'Name of a theme of the app, such as modern or medieval.';
comment on column public.user_preferences.communication_preferences is
    'The channels that the user agreed to: {"email": true, "sms": false, "in_app": true}.';
comment on column public.user_preferences.onboarding_completed is
    'Whether the user has completed the app''s onboarding.';

create trigger set_updated_at
before update on public.user_preferences
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

alter table public.user_preferences enable row level security;

create policy "users can read their own preferences"
on public.user_preferences
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "users can write down their own preferences"
on public.user_preferences
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()));

create policy "users can update their own preferences"
on public.user_preferences
for update
to authenticated
using (user_id = (select groundwork.current_user_id()))
with check (user_id = (select groundwork.current_user_id()));

create policy "users can delete their own preferences"
on public.user_preferences
for delete
to authenticated
using (user_id = (select groundwork.current_user_id()));

revoke all on table public.user_preferences from public, anon, authenticated, service_role;
grant select, delete on table public.user_preferences to authenticated;
grant
    insert (user_id, custom_hours, theme, communication_preferences, onboarding_completed),
    update (custom_hours, theme, communication_preferences, onboarding_completed)
on table public.user_preferences to authenticated;
grant select, insert, update, delete on table public.user_preferences to service_role;

-- groundwork.user_sync_errors -----------------------------------------------------------------------------------------

create table groundwork.user_sync_errors (
    id bigint generated always as identity constraint user_sync_errors_pkey primary key,
    auth_user_id uuid not null
        constraint user_sync_errors_auth_user_id_fkey references auth.users (id) on delete cascade,
    error_code text not null,
    error_message text not null,
    created_at timestamptz not null default now(),
    resolved_at timestamptz
);

comment on table groundwork.user_sync_errors is
    'Sign-ups and account changes that could not be mirrored in users. ensure_user() repairs them.';
comment on column groundwork.user_sync_errors.error_code is 'The SQLSTATE of the error.';
comment on column groundwork.user_sync_errors.resolved_at is
    'When the account was mirrored after the error; null until then.';

create index idx_user_sync_errors_auth_user_id on groundwork.user_sync_errors (auth_user_id);

-- No policy: operators read it, and clients may not.
alter table groundwork.user_sync_errors enable row level security;

revoke all on table groundwork.user_sync_errors from public, anon, authenticated, service_role;
revoke all on sequence groundwork.user_sync_errors_id_seq from public, anon, authenticated, service_role;

-- Functions -----------------------------------------------------------------------------------------------------------

-- Returns the text of the first key that has one, without control characters and cut to 200 characters. Returns null if
-- no key has a text.
create function groundwork.text_claim(claims jsonb, variadic keys text[])
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select claim.value
    from
        unnest(keys) with ordinality as candidate (key, position)
        cross join lateral (
            select left(btrim(regexp_replace(claims ->> candidate.key, '[[:cntrl:]]+', ' ', 'g')), 200) as value
            where jsonb_typeof(claims -> candidate.key) = 'string'
        ) as claim
    where claim.value <> ''
    order by candidate.position
    limit 1;
$$;

-- Returns a name from the account's metadata, from its e-mail address, or "Guest".
create function groundwork.display_name(claims jsonb, email text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        groundwork.text_claim(claims, 'name', 'full_name', 'user_name', 'preferred_username', 'nickname'),
        nullif(left(split_part(email, '@', 1), 200), ''),
        'Guest'
    );
$$;

-- Returns the time zone in the account's metadata if it exists, and UTC otherwise.
create function groundwork.timezone_or_utc(claims jsonb)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case when groundwork.is_timezone(claim.name) then claim.name else 'UTC' end
    from (select groundwork.text_claim(claims, 'timezone', 'zoneinfo') as name) as claim;
$$;

-- Makes or updates the row in users for an account of Supabase Auth.
create function groundwork.mirror_auth_user(account auth.users)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into public.users as mirror (id, auth_user_id, email, phone, is_anonymous, name, timezone)
    values (
        account.id,
        account.id,
        lower(nullif(account.email, '')),
        nullif(account.phone, ''),
        coalesce(account.is_anonymous, false),
        groundwork.display_name(account.raw_user_meta_data, account.email),
        groundwork.timezone_or_utc(account.raw_user_meta_data)
    )
    on conflict (id) do update
    set
        email = excluded.email,
        phone = excluded.phone,
        is_anonymous = excluded.is_anonymous,
        -- A name that the user wrote stays. A guest who is still called Guest gets the name of the account.
        name = case when mirror.is_anonymous and mirror.name = 'Guest' then excluded.name else mirror.name end
    where (mirror.email, mirror.phone, mirror.is_anonymous)
        is distinct from (excluded.email, excluded.phone, excluded.is_anonymous);

    update groundwork.user_sync_errors
    set resolved_at = now()
    where auth_user_id = account.id and resolved_at is null;
end
$$;

-- Does the same as mirror_auth_user(), but records a failure in user_sync_errors and does not raise it. So a failure
-- never blocks a sign-up.
create function groundwork.try_mirror_auth_user(account auth.users)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform groundwork.mirror_auth_user(account);
exception
    when others then
        begin
            insert into groundwork.user_sync_errors (auth_user_id, error_code, error_message)
            values (account.id, sqlstate, sqlerrm);
        exception
            when others then
                raise log 'account % is mirrored neither in users nor in user_sync_errors: %', account.id, sqlerrm;
        end;
end
$$;

-- Trigger on auth.users: mirrors new accounts, and changes of e-mail, phone and is_anonymous.
--
-- Security definer: the role of Supabase Auth fires it, and that role has almost no rights.
create function groundwork.sync_auth_user()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform groundwork.try_mirror_auth_user(new);
    return null;
end
$$;

create trigger groundwork_mirror_created_account
after insert on auth.users
for each row
execute function groundwork.sync_auth_user();

create trigger groundwork_mirror_changed_account
after update on auth.users
for each row
when (
    (old.email, old.phone, old.is_anonymous) is distinct from (new.email, new.phone, new.is_anonymous)
)
execute function groundwork.sync_auth_user();

-- Mirrors the accounts that existed before this migration. An account that can't be mirrored is recorded, and does not
-- stop the migration.
do $$
declare
    account auth.users;
begin
    for account in select * from auth.users loop
        perform groundwork.try_mirror_auth_user(account);
    end loop;
end
$$;

-- Security definer: it makes the caller's own row, and no client may insert into users.
create function groundwork.ensure_user()
returns public.users
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
    subject text := claims ->> 'sub';
    user_id uuid := groundwork.current_user_id();
    account auth.users;
    mirrored public.users;
    refused_by text;
begin
    if subject is null then
        perform groundwork.raise_error('GW101');
    end if;

    if user_id::text = subject then
        select * into account from auth.users where id = user_id;
        if not found then
            perform groundwork.raise_error('GW102');
        end if;
        perform groundwork.mirror_auth_user(account);
        select * into strict mirrored from public.users where id = user_id;
        return mirrored;
    end if;

    if groundwork.text_claim(claims, 'email') is null then
        perform groundwork.raise_error('GW104');
    end if;
    insert into public.users as known (clerk_user_id, email, name, timezone)
    values (
        subject,
        lower(groundwork.text_claim(claims, 'email')),
        groundwork.display_name(claims, claims ->> 'email'),
        groundwork.timezone_or_utc(claims)
    )
    on conflict (clerk_user_id) do update
    set email = excluded.email
    returning * into mirrored;
    return mirrored;
exception
    when unique_violation then
        get stacked diagnostics refused_by = constraint_name;
        if refused_by = 'users_email_key' then
            perform groundwork.raise_error('GW103');
        end if;
        raise;
end
$$;

create function public.ensure_user()
returns public.users
language sql
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.ensure_user();
$$;

comment on function public.ensure_user() is
    'Returns the caller''s own row, and makes or repairs it if needed. Call it after signing in. Errors: GW101 not '
    'signed in, GW102 account deleted, GW103 e-mail taken, GW104 token without e-mail.';

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    ('GW101', 401, 'You are not signed in.', 'Sign in and send the access token with the request.'),
    ('GW102', 403, 'This account no longer exists.', 'Sign out: the token outlived the account it was made for.'),
    ('GW103', 409, 'Another account has this e-mail address.', 'Sign in as that account, or change its address first.'),
    (
        'GW104', 400, 'The token carries no e-mail address.',
        'Add the claim "email" to the session token of the issuer (Clerk: Sessions, Customize session token).'
    );

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.current_user_id, groundwork.is_custom_hours, groundwork.is_communication_preferences,
    groundwork.text_claim, groundwork.display_name, groundwork.timezone_or_utc, groundwork.mirror_auth_user,
    groundwork.try_mirror_auth_user, groundwork.sync_auth_user, groundwork.ensure_user,
    public.ensure_user()
from public, anon, authenticated, service_role;

-- Policies, defaults and check constraints run with the rights of the role that reads or writes.
grant execute on function
    groundwork.current_user_id,
    groundwork.is_custom_hours,
    groundwork.is_communication_preferences
to authenticated, service_role;

grant execute on function
    groundwork.ensure_user,
    public.ensure_user()
to authenticated;
