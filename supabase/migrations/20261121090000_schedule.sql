-- Schedule: SQL calls Edge Functions at intervals, with pg_cron, pg_net and Vault, which hosted Supabase has.
-- Needs: helpers.

do $$
begin
    -- pg_cron can only be created in the one database that its library was loaded for.
    if current_setting('cron.database_name', true) = current_database()
        and (select count(*) from pg_available_extensions where name in ('pg_cron', 'pg_net')) = 2 then
        execute 'create extension if not exists pg_cron';
        execute 'create extension if not exists pg_net with schema extensions';
    end if;
end
$$;

-- Functions -----------------------------------------------------------------------------------------------------------

-- Sends a POST request to an Edge Function with pg_net, and returns the id of the request. It needs two secrets in
-- Vault: groundwork_functions_url (https://<project>.supabase.co/functions/v1) and groundwork_automations_key. It
-- returns null if pg_net, Vault or a secret is missing.
--
-- Its statements are dynamic, because pg_net and Vault may be missing, and may be added later. format() inserts the
-- names of the schemas, so that plpgsql_check does not report them as missing.
--
-- Security definer: its callers may not read the key.
create function groundwork.call_edge_function(function_name text)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    url text;
    key text;
    request_id bigint;
begin
    if to_regclass('vault.decrypted_secrets') is null or to_regproc('net.http_post') is null then
        return null;
    end if;
    execute format(
        $query$
            select
                max(decrypted_secret) filter (where name = 'groundwork_functions_url'),
                max(decrypted_secret) filter (where name = 'groundwork_automations_key')
            from %I.decrypted_secrets
        $query$,
        'vault'
    )
    into url, key;
    if url is null or key is null then
        return null;
    end if;
    -- 150 seconds is the longest time that a function may take. The platform ends a function when its caller closes the
    -- connection.
    execute format(
        $query$
            select %I.http_post(
                url := $1,
                body := '{}'::jsonb,
                headers := $2,
                timeout_milliseconds := 150000
            )
        $query$,
        'net'
    )
    into request_id
    using
        rtrim(url, '/') || '/' || function_name,
        jsonb_build_object('content-type', 'application/json', 'apikey', key);
    return request_id;
end
$$;

-- Schedules the command with pg_cron under this name and at these times. Does nothing without pg_cron and pg_net.
create function groundwork.schedule(job_name text, times text, command text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if to_regprocedure('cron.schedule(text, text, text)') is null or to_regproc('net.http_post') is null then
        return;
    end if;
    execute format(
        $query$
            select
                %1$I.schedule($1, $2, $3),
                -- Every run leaves a row in cron.job_run_details. This command deletes the rows after a week.
                %1$I.schedule(
                    'groundwork_delete_old_runs',
                    '23 3 * * *',
                    $command$
                        delete from cron.job_run_details
                        where end_time < now() - interval '7 days'
                            and jobid in (select jobid from cron.job where jobname like 'groundwork\_%%')
                    $command$
                )
        $query$,
        'cron'
    )
    using job_name, times, command;
end
$$;

-- Removes what groundwork.schedule() has scheduled under names that match this LIKE pattern.
create function groundwork.unschedule(names_like text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if to_regprocedure('cron.unschedule(text)') is null then
        return;
    end if;
    execute format('select %1$I.unschedule(jobname) from %1$I.job where jobname like $1', 'cron')
    using names_like;
end
$$;

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.call_edge_function, groundwork.schedule, groundwork.unschedule
from public, anon, authenticated, service_role;
