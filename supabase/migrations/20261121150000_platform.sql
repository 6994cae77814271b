-- Platform: the clock of hosted Supabase, which wakes the function that works on agent jobs, and Realtime of the jobs.
-- Needs: job queue. Uses pg_cron, pg_net, Vault and the publication of Realtime, where they exist.

-- Extensions ----------------------------------------------------------------------------------------------------------

do $$
begin
    -- pg_cron can only be made in the one database that its library was loaded for.
    if current_setting('cron.database_name', true) = current_database()
        and (select count(*) from pg_available_extensions where name in ('pg_cron', 'pg_net')) = 2 then
        execute 'create extension if not exists pg_cron';
        execute 'create extension if not exists pg_net with schema extensions';
    end if;
end
$$;

-- Functions -----------------------------------------------------------------------------------------------------------

create function groundwork.has_agent_work(at timestamptz)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        exists (select from groundwork.job_queue where run_after is null)
        or exists (select from groundwork.job_queue where run_after <= at)
        or exists (select from groundwork.leases where expires_at <= at);
$$;

-- Dynamic, because pg_net and Vault may not be there, and may come later. The schemas come in by format(), so that
-- plpgsql_check does not miss them where they are not.
--
-- Security definer: whoever calls does not read the key.
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
    -- As long as the function may take: who hangs up earlier sees it end.
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

-- Security definer: whoever rings does not read the queue.
create function groundwork.ring_agent_worker(at timestamptz default now())
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not groundwork.has_agent_work(at) then
        return null;
    end if;
    -- A worker stays for longer than a tick. Some are enough: each claims until nothing is left.
    if (
        select count(distinct worker_id)
        from groundwork.leases
        where expires_at > at and not is_cancelled and worker_id like 'run-agent-jobs/%'
    ) >= 3 then
        return null;
    end if;
    return groundwork.call_edge_function('run-agent-jobs');
end
$$;

create function groundwork.schedule_agent_worker()
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
                %1$I.schedule('groundwork_run_agent_jobs', '10 seconds', 'select groundwork.ring_agent_worker()'),
                -- Every tick leaves a row there.
                %1$I.schedule(
                    'groundwork_forget_ticks',
                    '23 3 * * *',
                    $command$
                        delete from cron.job_run_details
                        where end_time < now() - interval '7 days'
                            and jobid in (select jobid from cron.job where jobname like 'groundwork\_%%')
                    $command$
                )
        $query$,
        'cron'
    );
end
$$;

-- Grants --------------------------------------------------------------------------------------------------------------

revoke all on function groundwork.has_agent_work(timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.call_edge_function(text) from public, anon, authenticated, service_role;
revoke all on function groundwork.ring_agent_worker(timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.schedule_agent_worker() from public, anon, authenticated, service_role;

-- Data ----------------------------------------------------------------------------------------------------------------

do $$
begin
    if exists (
            select from pg_publication
            where pubname = 'supabase_realtime' and not puballtables and pg_has_role(pubowner, 'member')
        )
        and not exists (
            select from pg_publication_tables
            where pubname = 'supabase_realtime' and schemaname = 'public' and tablename = 'agent_jobs'
        ) then
        execute 'alter publication supabase_realtime add table public.agent_jobs';
    end if;
end
$$;

select groundwork.schedule_agent_worker();

-- Comments ------------------------------------------------------------------------------------------------------------

comment on function groundwork.has_agent_work(timestamptz) is
    'Whether a worker would find a job: one that is ready or due, or whose lease has expired.';
comment on function groundwork.call_edge_function(text) is
    'Posts to an Edge Function by pg_net, and answers the id of the request. Null where that can''t be. Needs two '
    'secrets in Vault: groundwork_functions_url (https://<project>.supabase.co/functions/v1) and '
    'groundwork_automations_key.';
comment on function groundwork.ring_agent_worker(timestamptz) is
    'Calls the Edge Function run-agent-jobs if there is work. Answers as call_edge_function().';
comment on function groundwork.schedule_agent_worker() is
    'Rings every ten seconds, and forgets daily what pg_cron noted of that. Does nothing without pg_cron and pg_net.';
