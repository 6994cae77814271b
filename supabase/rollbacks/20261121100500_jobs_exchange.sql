-- Undoes 20261121100500_jobs_exchange.sql.

drop function groundwork.await_agent_jobs;
drop function groundwork.heartbeat_agent_jobs;
drop function groundwork.settle_agent_job;
drop function groundwork.exchange_agent_jobs;
drop function groundwork.check_lease_seconds;

delete from groundwork.error_codes where code in ('GW703', 'GW708');
