-- Undoes 20261121080000_agent_jobs.sql. The content that agents wrote stays.

drop trigger guard_agent_content on public.content_assets;
drop function groundwork.guard_agent_content();

alter table public.content_assets drop column agent_job_id;
drop table public.agent_jobs;

drop type public.job_status;
drop type public.agent_type;

delete from groundwork.error_codes where code like 'GW7__';
