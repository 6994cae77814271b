-- Jobs, Realtime: clients can watch their jobs if the project has the publication of Realtime.
-- Needs: jobs_tables.

do $$
begin
    if exists (
        select
        from pg_publication
        where pubname = 'supabase_realtime' and not puballtables and pg_has_role(pubowner, 'member')
    )
    and not exists (
        select
        from pg_publication_tables
        where pubname = 'supabase_realtime' and schemaname = 'public' and tablename = 'agent_jobs'
    ) then
        alter publication supabase_realtime add table public.agent_jobs;
    end if;
end
$$;
