-- Undoes 20261121100000_jobs_tables.sql. Content and ledger entries of jobs stay.

drop table groundwork.queue_headrooms;
drop table groundwork.job_listeners;
drop table groundwork.leases;
drop table groundwork.job_queue;
alter table public.user_spend_limits drop column max_queued_jobs;
alter table groundwork.settings drop column max_queued_jobs;
drop trigger keep_sums_of_jobs_after_delete on public.budget_entries;
drop trigger keep_sums_of_jobs_after_update on public.budget_entries;
drop trigger keep_sums_of_jobs_after_insert on public.budget_entries;
drop function groundwork.keep_sums_of_jobs;
drop function groundwork.add_to_jobs;

-- Their request ids go along: without the job, entries of several jobs could have the same one. No sum changes.
alter table public.budget_entries disable trigger keep_sums_after_update;
alter table public.budget_entries disable trigger set_updated_at;
update public.budget_entries
set agent_job_id = null, provider_request_id = null
where agent_job_id is not null;
alter table public.budget_entries enable trigger set_updated_at;
alter table public.budget_entries enable trigger keep_sums_after_update;

drop index public.idx_budget_entries_user_id_agent_job_id;
alter table public.budget_entries drop constraint budget_entries_user_id_agent_job_id_fkey;
drop trigger guard_agent_content on public.content_assets;
drop function groundwork.guard_agent_content;
drop index public.idx_content_assets_user_id_agent_job_id;
alter table public.content_assets drop column agent_job_id;
drop trigger guard_job_status on public.agent_jobs;
drop function groundwork.refuse_job_step;
drop table public.agent_jobs;
drop type public.job_error_code;
drop type public.job_wait_reason;
drop type public.job_status;
drop table groundwork.agent_types;
drop function groundwork.guard_agent_type;
drop function groundwork.path_to_wrong_input;

delete from groundwork.error_codes where code in ('GW701', 'GW702', 'GW709');
