-- Undoes 20261121200000_persona_writing.sql.

drop trigger apply_persona_writer on public.agent_jobs;

drop function public.update_persona(uuid, jsonb);
drop function groundwork.apply_persona_writer();

drop index public.idx_personas_user_id_agent_job_id;
alter table public.personas drop column agent_job_id;

delete from groundwork.error_codes where code in ('GW401', 'GW402');
