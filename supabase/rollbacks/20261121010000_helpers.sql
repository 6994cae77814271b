-- Undoes 20261121010000_helpers.sql.

drop function public.backend_health();
drop function groundwork.backend_health;
drop function groundwork.last_served_user;
drop function groundwork.create_round_robin;
drop function groundwork.backoff_seconds;
drop function groundwork.is_amount;
drop function groundwork.is_timezone;
drop function groundwork.set_updated_at;
drop function groundwork.raise_error;
drop table groundwork.error_codes;
drop schema groundwork;
