-- Undoes 20261121150000_platform.sql. The extensions stay: others may use them.

do $$
begin
    if to_regprocedure('cron.unschedule(text)') is not null then
        execute $query$
            select cron.unschedule(jobname)
            from cron.job
            where jobname in ('groundwork-run-agent-jobs', 'groundwork-forget-ticks')
        $query$;
    end if;
end
$$;

drop function private.schedule_agent_worker();
drop function private.ring_agent_worker(timestamptz);
drop function private.call_edge_function(text);
drop function private.has_agent_work(timestamptz);
