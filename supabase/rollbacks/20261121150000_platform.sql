-- Undoes 20261121150000_platform.sql. The extensions stay: others may use them.

do $$
begin
    if to_regprocedure('cron.unschedule(text)') is not null then
        execute $query$
            select cron.unschedule(jobname)
            from cron.job
            where jobname in ('groundwork_run_agent_jobs', 'groundwork_forget_ticks')
        $query$;
    end if;
end
$$;

do $$
begin
    if exists (
        select from pg_publication_tables
        join pg_publication using (pubname)
        where pubname = 'supabase_realtime'
            and schemaname = 'public'
            and tablename = 'agent_jobs'
            and not puballtables
            and pg_has_role(pubowner, 'member')
    ) then
        execute 'alter publication supabase_realtime drop table public.agent_jobs';
    end if;
end
$$;

drop function groundwork.schedule_agent_worker();
drop function groundwork.ring_agent_worker(timestamptz);
drop function groundwork.call_edge_function(text);
drop function groundwork.has_agent_work(timestamptz);
