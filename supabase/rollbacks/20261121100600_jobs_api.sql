-- Undoes 20261121100600_jobs_api.sql.

drop function public.await_agent_jobs(text);
drop function public.book_late_usage(uuid, jsonb);
drop function public.heartbeat_agent_jobs(jsonb, integer);
drop function public.heartbeat_agent_job(uuid, uuid, integer);
drop function public.release_agent_job(uuid, uuid);
drop function public.fail_agent_job(uuid, uuid, text, boolean, jsonb, public.job_error_code);
drop function public.complete_agent_job(uuid, uuid, jsonb, jsonb, jsonb);
drop function public.claim_agent_jobs(text, integer, integer, text[]);
drop function public.exchange_agent_jobs(text, jsonb, integer, integer, text[]);
drop function public.retry_agent_job(uuid);
drop function public.cancel_agent_job(uuid);
drop function public.enqueue_agent_jobs(jsonb);
drop function public.enqueue_agent_job(text, jsonb, uuid, text, smallint, timestamptz, numeric, smallint);
