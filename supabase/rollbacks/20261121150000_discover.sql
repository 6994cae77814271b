-- Undoes 20261121150000_discover.sql.

drop function public.discover(integer);
drop function groundwork.discover;
drop function public.refresh_vibe_profile();
drop function groundwork.refresh_vibe_profile;
drop function groundwork.compute_vibe_profile;
drop function groundwork.cares;
