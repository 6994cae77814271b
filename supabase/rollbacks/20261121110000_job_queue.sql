-- Undoes 20261121110000_job_queue.sql. Jobs keep their status; what runs has no worker any more.

-- Each takes its triggers along.
drop function groundwork.wake_jobs_of_person() cascade;
drop function groundwork.wake_jobs_of_campaign() cascade;
drop function groundwork.cancel_jobs_of_campaign() cascade;
drop function groundwork.dequeue_deleted_job() cascade;
drop function groundwork.refuse_job_step() cascade;
drop function groundwork.guard_committed_budget() cascade;

drop function public.monthly_spending();
drop function groundwork.monthly_spending(timestamptz);
drop function groundwork.wake_jobs_of_people(uuid[]);
drop function groundwork.wake_jobs_of_month(uuid);
drop function groundwork.month_room(uuid, timestamptz);
drop function groundwork.wake_waiting_jobs(uuid, public.job_wait_reason[], uuid, numeric, bigint);
drop function groundwork.hold_to_cancel(uuid, uuid[]);
drop function groundwork.cancellation(uuid, integer);
drop function groundwork.settle_jobs(groundwork.settlement[], boolean, boolean, boolean, timestamptz);
drop function groundwork.book_usage(groundwork.settlement[], timestamptz);
drop function groundwork.unpriced_jobs(groundwork.settlement[], timestamptz);
drop function groundwork.reserved_for_person(uuid);
drop function public.reserved(public.campaigns);
drop function groundwork.reserved_for_campaign(uuid, uuid);
drop function groundwork.lock_money(uuid[]);
drop function groundwork.wake_listeners();

drop table groundwork.job_listeners;
drop table groundwork.leases;
drop table groundwork.job_queue;

drop index public.idx_agent_jobs_user_id_agent_type;
create index idx_agent_jobs_user_id_status_agent_type on public.agent_jobs (user_id, status, agent_type);
alter table public.agent_jobs
    drop column priority,
    drop column run_after,
    drop column max_cost,
    drop column max_retries,
    drop column idempotency_key,
    drop column waiting_for,
    drop column error_code;
alter table public.agent_jobs reset (fillfactor);
drop trigger set_updated_at on public.agent_jobs;
create trigger set_updated_at
before update on public.agent_jobs
for each row
execute function groundwork.set_updated_at();

grant
    insert (
        id,
        user_id,
        agent_type,
        status,
        input_data,
        output_data,
        campaign_id,
        started_at,
        completed_at,
        error_message,
        retry_count
    ),
    update (status, input_data, output_data, started_at, completed_at, error_message, retry_count)
on table public.agent_jobs to service_role;

drop type groundwork.pick;
drop type groundwork.settlement;
drop type public.job_error_code;
drop type public.job_wait_reason;

delete from groundwork.error_codes where code in ('GW702', 'GW802');
