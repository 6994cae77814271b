-- Jobs, schedule: pg_cron starts the Edge Function that works on jobs.
-- Needs: helpers, schedule, jobs_tables, jobs_claim.

-- Calls the Edge Function run-agent-jobs if there is work, and returns the result of call_edge_function(). Returns null
-- if it does not call it.
--
-- Security definer: its callers may not read the queue.
create function groundwork.start_agent_worker(at timestamptz default now())
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not groundwork.has_agent_work(at) then
        return null;
    end if;
    -- pg_cron calls this function every ten seconds, and a worker runs for longer. Three workers are enough, because
    -- each of them claims jobs until none is left.
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
    perform groundwork.schedule('groundwork_run_agent_jobs', '10 seconds', 'select groundwork.start_agent_worker()');
end
$$;

select groundwork.schedule_agent_worker();

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.start_agent_worker, groundwork.schedule_agent_worker
from public, anon, authenticated, service_role;
