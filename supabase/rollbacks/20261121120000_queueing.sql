-- Undoes 20261121120000_queueing.sql.

drop function public.retry_agent_job(uuid);
drop function public.cancel_agent_job(uuid);
drop function public.enqueue_agent_jobs(jsonb);
drop function public.enqueue_agent_job(public.agent_type, jsonb, uuid, text, smallint, timestamptz, numeric, smallint);
drop function private.retry_agent_job(uuid);
drop function private.cancel_agent_job(uuid, timestamptz);
drop function private.enqueue_agent_job(
    public.agent_type,
    jsonb,
    uuid,
    text,
    smallint,
    timestamptz,
    numeric,
    smallint,
    timestamptz
);
drop function private.job_of_key(uuid, text, public.agent_type, jsonb, uuid);
drop function private.check_same_job(public.agent_jobs, public.agent_type, jsonb, uuid);
drop function private.enqueue_agent_jobs(jsonb, timestamptz);
drop function private.job_of_caller(uuid);
drop function private.job_limits();
drop function private.check_queue_quota(uuid, bigint);
drop function private.check_job_inputs(jsonb);

drop table private.queue_headrooms;
drop table private.agent_types;

delete from private.error_codes where code in ('GW704', 'GW705', 'GW706', 'GW707');
