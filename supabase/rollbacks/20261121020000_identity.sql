-- Undoes 20261121020000_identity.sql. The accounts in auth.users stay.

-- Takes its triggers on auth.users along; by name, only the owner of that table may drop them, which we never are
-- when hosted.
drop function private.sync_auth_user() cascade;

drop function public.ensure_user();
drop function private.ensure_user();
drop function private.try_mirror_auth_user(auth.users);
drop function private.mirror_auth_user(auth.users);
drop function private.timezone_or_utc(jsonb);
drop function private.display_name(jsonb, text);
drop function private.text_claim(jsonb, text[]);

drop table public.user_preferences;
drop function private.is_communication_preferences(jsonb);
drop function private.is_custom_hours(jsonb);

drop table private.user_sync_errors;
-- The policies of users call the function.
drop policy "people can update their own account" on public.users;
drop policy "people can read their own account" on public.users;
drop function private.current_user_id();
drop table public.users;

delete from private.error_codes where code like 'GW1__';
