-- Undoes 20261121130000_workers.sql.

drop function public.await_agent_jobs(text);
drop function public.book_late_usage(uuid, jsonb);
drop function public.release_agent_job(uuid, uuid);
drop function public.fail_agent_job(uuid, uuid, text, boolean, jsonb, public.job_error_code);
drop function public.complete_agent_job(uuid, uuid, jsonb, jsonb, jsonb);
drop function public.heartbeat_agent_jobs(jsonb, integer);
drop function public.heartbeat_agent_job(uuid, uuid, integer);
drop function public.claim_agent_jobs(text, integer, integer, public.agent_type[]);
drop function public.exchange_agent_jobs(text, jsonb, integer, integer, public.agent_type[]);
drop function groundwork.await_agent_jobs(text, timestamptz);
drop function groundwork.book_late_usage(uuid, jsonb, timestamptz);
drop function groundwork.heartbeat_agent_jobs(jsonb, integer, timestamptz);
drop function groundwork.settle_agent_job(jsonb, timestamptz);
drop function groundwork.exchange_agent_jobs(text, jsonb, integer, integer, public.agent_type[], timestamptz);
drop function groundwork.lease_jobs(groundwork.pick[], text, integer, timestamptz);
drop function groundwork.fitting_jobs(groundwork.pick[], timestamptz);
drop function groundwork.is_room_for_all(groundwork.pick[], timestamptz);
drop function groundwork.is_room_for_one(groundwork.pick, timestamptz);
drop function groundwork.pick_ready_jobs(integer, public.agent_type[]);
drop function groundwork.pick_ready_job(public.agent_type[]);
drop function groundwork.drop_cancelled_leases(timestamptz);
drop function groundwork.make_due_jobs_ready(timestamptz);
drop function groundwork.hold_expired(uuid[], timestamptz);
drop function groundwork.hold_results(jsonb, timestamptz);
drop function groundwork.retry_delay(integer, numeric);
drop function groundwork.check_lease_seconds(integer);

delete from groundwork.error_codes where code in ('GW703', 'GW708');
