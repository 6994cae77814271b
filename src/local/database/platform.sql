-- What a Supabase project has before its first migration, as far as migrations and supabase-js can tell.
-- Runs on every start of the embedded stack; changes nothing that is already there.

do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'anon') then
        create role anon nologin noinherit;
    end if;
    if not exists (select from pg_catalog.pg_roles where rolname = 'authenticated') then
        create role authenticated nologin noinherit;
    end if;
    if not exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
        create role service_role nologin noinherit bypassrls;
    end if;
    -- Owns what belongs to the platform: that is how supabase db reset knows what it must leave alone.
    if not exists (select from pg_catalog.pg_roles where rolname = 'supabase_admin') then
        create role supabase_admin nologin;
    end if;
end
$$;

-- A role that is no superuser (Neon) may switch only to roles that it is a member of.
do $$
begin
    if not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
        execute format('grant anon, authenticated, service_role, supabase_admin to %I', current_user);
    end if;
end
$$;

create schema if not exists extensions;
grant usage on schema public, extensions to anon, authenticated, service_role;

do $$
begin
    execute format('alter database %I set search_path = "$user", public, extensions', current_database());
end
$$;

-- GoTrue keeps the id of its instance in every account; @supabase/lite leaves the column out.
alter table auth.users add column if not exists instance_id uuid;

alter schema auth owner to supabase_admin;
grant usage on schema auth to anon, authenticated, service_role;
grant execute on all functions in schema auth to anon, authenticated, service_role;
grant all on all tables in schema auth to service_role;

-- Migrations are recorded where the Supabase CLI records them.
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (
    version text not null primary key,
    statements text[],
    name text
);

-- Like Supabase, tell the API of every change of the schema. Needs the right to make event triggers: without it,
-- `notify pgrst, 'reload schema'` after a migration does the same.
do $$
begin
    if exists (select from pg_catalog.pg_event_trigger where evtname = 'pgrst_ddl_watch') then
        return;
    end if;
    create function extensions.pgrst_ddl_watch() returns event_trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
    as $function$
    begin
        notify pgrst, 'reload schema';
    end
    $function$;
    create event trigger pgrst_ddl_watch on ddl_command_end execute function extensions.pgrst_ddl_watch();
    create event trigger pgrst_drop_watch on sql_drop execute function extensions.pgrst_ddl_watch();
exception
    when insufficient_privilege then
        raise notice 'no event trigger: the API learns of schema changes by notify pgrst, ''reload schema''';
end
$$;
