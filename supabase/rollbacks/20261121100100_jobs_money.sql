-- Undoes 20261121100100_jobs_money.sql.

drop function groundwork.wake_jobs_of_users;
drop function groundwork.wake_jobs_of_user cascade;
drop function groundwork.wake_jobs_of_month;
drop function groundwork.wake_jobs_of_campaign cascade;
drop function groundwork.wake_waiting_jobs;
drop function groundwork.guard_committed_budget cascade;
drop function public.monthly_spending();
drop function groundwork.monthly_spending;
drop function groundwork.month_room;
drop function groundwork.reserved_for_user;
drop function public.reserved(public.campaigns);
drop function groundwork.reserved_for_campaign;
drop function groundwork.lock_reservations;
drop function groundwork.wake_listeners;

delete from groundwork.error_codes where code = 'GW802';
