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
drop function private.await_agent_jobs(text, timestamptz);
drop function private.book_late_usage(uuid, jsonb, timestamptz);
drop function private.heartbeat_agent_jobs(jsonb, integer, timestamptz);
drop function private.settle_agent_job(jsonb, timestamptz);
drop function private.exchange_agent_jobs(text, jsonb, integer, integer, public.agent_type[], timestamptz);
drop function private.lease_jobs(private.pick[], text, integer, timestamptz);
drop function private.fitting_jobs(private.pick[], timestamptz);
drop function private.is_room_for_all(private.pick[], timestamptz);
drop function private.is_room_for_one(private.pick, timestamptz);
drop function private.pick_ready_jobs(integer, public.agent_type[]);
drop function private.pick_ready_job(public.agent_type[]);
drop function private.drop_cancelled_leases(timestamptz);
drop function private.make_due_jobs_ready(timestamptz);
drop function private.hold_expired(uuid[], timestamptz);
drop function private.hold_results(jsonb, timestamptz);
drop function private.retry_delay(integer, numeric);
drop function private.check_lease_seconds(integer);

delete from private.error_codes where code in ('GW703', 'GW708');
