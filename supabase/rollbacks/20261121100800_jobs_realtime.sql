-- Undoes 20261121100800_jobs_realtime.sql.

do $$
begin
    if exists (
        select
        from pg_publication_tables
        join pg_publication using (pubname)
        where pubname = 'supabase_realtime'
            and schemaname = 'public'
            and tablename = 'agent_jobs'
            and not puballtables
            and pg_has_role(pubowner, 'member')
    ) then
        alter publication supabase_realtime drop table public.agent_jobs;
    end if;
end
$$;
