-- Undoes 20261121160000_consolidating.sql.

-- Agent types that jobs refer to stay, so that the jobs and their costs can stay. The others go, with what an operator
-- has set for them.
delete from groundwork.agent_types
where name = 'memory_keeper'
    and not exists (select from public.agent_jobs where agent_jobs.agent_type = agent_types.name);

drop trigger apply_memory_keeper on public.agent_jobs;
drop function groundwork.apply_memory_keeper;
drop function groundwork.merge_memories;
drop function groundwork.end_memory;
drop function public.get_memories_to_consolidate(uuid, uuid);
drop function groundwork.get_memories_to_consolidate;
drop table groundwork.consolidated_memories;
