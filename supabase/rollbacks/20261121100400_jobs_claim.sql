-- Undoes 20261121100400_jobs_claim.sql.

drop function groundwork.has_agent_work;
drop function groundwork.lease_jobs;
drop function groundwork.affordable_jobs;
drop function groundwork.is_room_for_all;
drop function groundwork.is_room_for_one;
drop function groundwork.pick_ready_jobs;
drop function groundwork.pick_ready_job;
drop function groundwork.users_with_ready_jobs;
drop function groundwork.make_due_jobs_ready;
drop type groundwork.picked_job;
