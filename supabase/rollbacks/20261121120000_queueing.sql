-- Undoes 20261121120000_queueing.sql.

drop function public.retry_agent_job(uuid);
drop function public.cancel_agent_job(uuid);
drop function public.enqueue_agent_jobs(jsonb);
drop function public.enqueue_agent_job(public.agent_type, jsonb, uuid, text, smallint, timestamptz, numeric, smallint);
drop function groundwork.retry_agent_job(uuid);
drop function groundwork.cancel_agent_job(uuid, timestamptz);
drop function groundwork.enqueue_agent_job(
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
drop function groundwork.job_of_key(uuid, text, public.agent_type, jsonb, uuid);
drop function groundwork.check_same_job(public.agent_jobs, public.agent_type, jsonb, uuid);
drop function groundwork.enqueue_agent_jobs(jsonb, timestamptz);
drop function groundwork.job_of_caller(uuid);
drop function groundwork.job_limits();
drop function groundwork.check_queue_quota(uuid, bigint);
drop function groundwork.check_job_inputs(jsonb);

drop table groundwork.queue_headrooms;
drop table groundwork.agent_types;

delete from groundwork.error_codes where code in ('GW704', 'GW705', 'GW706', 'GW707');
