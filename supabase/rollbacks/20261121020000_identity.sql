-- Undoes 20261121020000_identity.sql. The accounts in auth.users stay.

drop function public.ensure_user();
drop function groundwork.ensure_user;
-- With its triggers on auth.users. Only the owner of that table may drop them by name.
drop function groundwork.sync_auth_user cascade;
drop function groundwork.try_mirror_auth_user;
drop function groundwork.mirror_auth_user;
drop function groundwork.timezone_or_utc;
drop function groundwork.display_name;
drop function groundwork.text_claim;
drop table groundwork.user_sync_errors;
drop table public.user_preferences;
drop function groundwork.is_communication_preferences;
drop function groundwork.is_custom_hours;
drop table public.users;
drop function groundwork.current_user_id;

delete from groundwork.error_codes where code in ('GW101', 'GW102', 'GW103', 'GW104');
