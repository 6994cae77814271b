-- Undoes 20261121100000_jobs_tables.sql. Content and ledger entries of jobs stay.

drop table groundwork.queue_headrooms;
drop table groundwork.job_listeners;
drop table groundwork.leases;
drop table groundwork.job_queue;
alter table public.user_spend_limits drop column max_queued_jobs;
alter table groundwork.settings drop column max_queued_jobs;
drop function groundwork.keep_sums_of_jobs cascade;
drop function groundwork.add_to_jobs;

-- The request ids of these entries are deleted, because without the job entries of several jobs could have the same id.
-- No sum changes.
alter table public.budget_entries disable trigger user;
update public.budget_entries
set agent_job_id = null, provider_request_id = null
where agent_job_id is not null;
alter table public.budget_entries enable trigger user;

drop index public.idx_budget_entries_user_id_agent_job_id;
alter table public.budget_entries drop constraint budget_entries_user_id_agent_job_id_fkey;
drop function groundwork.guard_agent_content cascade;
drop index public.idx_content_assets_user_id_agent_job_id;
alter table public.content_assets drop column agent_job_id;
drop function groundwork.refuse_job_step cascade;
drop table public.agent_jobs;
drop type public.job_error_code;
drop type public.job_wait_reason;
drop type public.job_status;
drop table groundwork.agent_types;
drop function groundwork.path_to_wrong_input;

delete from groundwork.error_codes where code in ('GW701', 'GW702');
