-- Undoes 20261121100700_jobs_schedule.sql.

select groundwork.unschedule('groundwork\_run\_agent\_jobs');
drop function groundwork.schedule_agent_worker;
drop function groundwork.start_agent_worker;
