-- Undoes 20261121100200_jobs_enqueue.sql.

drop function groundwork.retry_agent_job;
drop function groundwork.job_of_caller;
drop function groundwork.enqueue_agent_job;
drop function groundwork.enqueue_agent_jobs;
drop function groundwork.job_of_key;
drop function groundwork.check_same_job;
drop function groundwork.check_queue_quota;
drop function groundwork.checked_jobs;
drop function groundwork.describe_wrong_input;
drop type groundwork.new_job;

delete from groundwork.error_codes where code in ('GW704', 'GW705', 'GW706', 'GW707');
