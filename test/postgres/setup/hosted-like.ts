import type postgres from "postgres";

/**
 * Makes roles as on hosted Supabase, where `postgres` is not a superuser: https://github.com/supabase/postgres,
 * migrations/db. Here the role is `hosted_postgres`, because `postgres` is the superuser of the test server.
 */
export async function prepareHostedRoles(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    do $$
    begin
        if not exists (select from pg_roles where rolname = 'hosted_postgres') then
            create role hosted_postgres login createdb createrole bypassrls password 'postgres';
            grant anon, authenticated, service_role to hosted_postgres;
        end if;
        if not exists (select from pg_roles where rolname = 'supabase_auth_admin') then
            create role supabase_auth_admin login noinherit createrole password 'postgres';
            alter role supabase_auth_admin set search_path = auth;
        end if;
    end
    $$;
  `);
}

/** Sets the owners as on hosted Supabase: Supabase Auth owns `auth`, and the project's owner `public`. */
export async function makeHostedLike(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    -- Extensions are installed on demand there, by a superuser who is asked.
    create extension vector with schema extensions;
    create extension btree_gin with schema extensions;
    -- The history is made by the first push.
    drop schema supabase_migrations cascade;

    do $$
    declare
        statement text;
    begin
        for statement in
            select format('alter table %s owner to supabase_auth_admin', oid::regclass)
            from pg_class
            where relnamespace = 'auth'::regnamespace and relkind in ('r', 'v')
            union all
            select format('alter table %s enable row level security', oid::regclass)
            from pg_class
            where relnamespace = 'auth'::regnamespace and relkind = 'r'
            union all
            select format('alter routine %s owner to supabase_auth_admin', oid::regprocedure)
            from pg_proc
            where pronamespace = 'auth'::regnamespace
        loop
            execute statement;
        end loop;
    end
    $$;
    alter schema auth owner to supabase_admin;
    grant all on schema auth to supabase_auth_admin;
    grant usage on schema auth to hosted_postgres;
    grant all on all tables in schema auth to hosted_postgres;
    grant all on all routines in schema auth to hosted_postgres;
    alter schema public owner to hosted_postgres;
    revoke create on schema public from public;
    grant all on schema extensions to hosted_postgres;
  `);
}
