-- Undoes 20261121100100_jobs_money.sql.

drop function groundwork.wake_jobs_of_users;
drop trigger wake_jobs_of_user on public.user_spend_limits;
drop trigger wake_jobs_of_user on groundwork.monthly_spends;
drop function groundwork.wake_jobs_of_user;
drop function groundwork.wake_jobs_of_month;
drop trigger wake_jobs_of_campaign on public.campaigns;
drop function groundwork.wake_jobs_of_campaign;
drop function groundwork.wake_waiting_jobs;
drop trigger guard_committed_budget on public.campaigns;
drop function groundwork.guard_committed_budget;
drop function public.monthly_spending();
drop function groundwork.monthly_spending;
drop function groundwork.month_room;
drop function groundwork.reserved_for_user;
drop function public.reserved(public.campaigns);
drop function groundwork.reserved_for_campaign;
drop function groundwork.lock_reservations;
drop function groundwork.wake_listeners;

delete from groundwork.error_codes where code = 'GW802';
