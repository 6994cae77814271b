-- Undoes 20261121100300_jobs_settle.sql.

drop trigger dequeue_deleted_job on public.agent_jobs;
drop function groundwork.dequeue_deleted_job;
drop trigger cancel_jobs_of_campaign on public.campaigns;
drop function groundwork.cancel_jobs_of_campaign;
drop function groundwork.cancel_agent_job;
drop function groundwork.take_jobs_to_cancel;
drop function groundwork.cancellation;
drop function groundwork.book_late_usage;
drop function groundwork.drop_cancelled_leases;
drop function groundwork.lock_expired_leases;
drop function groundwork.lock_results;
drop function groundwork.settle_jobs;
drop function groundwork.book_usage;
drop function groundwork.unpriced_jobs;
drop type groundwork.booking;
drop type groundwork.settlement;
