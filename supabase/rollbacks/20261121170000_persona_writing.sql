-- Undoes 20261121170000_persona_writing.sql.

-- Agent types that jobs refer to stay, so that the jobs and their costs can stay. The others go, with what an operator
-- has set for them.
delete from groundwork.agent_types
where name = 'persona_writer'
    and not exists (select from public.agent_jobs where agent_jobs.agent_type = agent_types.name);

drop trigger apply_persona_writer on public.agent_jobs;
drop function groundwork.apply_persona_writer;
drop index public.idx_personas_user_id_agent_job_id;
alter table public.personas drop column agent_job_id;
