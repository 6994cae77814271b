-- Undoes 20261121020000_identity.sql. The accounts in auth.users stay.

-- Takes its triggers on auth.users along; by name, only the owner of that table may drop them, which we never are
-- when hosted.
drop function groundwork.sync_auth_user() cascade;

drop function public.ensure_user();
drop function groundwork.ensure_user();
drop function groundwork.try_mirror_auth_user(auth.users);
drop function groundwork.mirror_auth_user(auth.users);
drop function groundwork.timezone_or_utc(jsonb);
drop function groundwork.display_name(jsonb, text);
drop function groundwork.text_claim(jsonb, text[]);

drop table public.user_preferences;
drop function groundwork.is_communication_preferences(jsonb);
drop function groundwork.is_custom_hours(jsonb);

drop table groundwork.user_sync_errors;
-- The policies of users call the function.
drop policy "people can update their own account" on public.users;
drop policy "people can read their own account" on public.users;
drop function groundwork.current_user_id();
drop table public.users;

delete from groundwork.error_codes where code like 'GW1__';
