-- Undoes 20261121070000_campaigns.sql.

drop table public.content_assets;
drop table public.campaigns;

drop function groundwork.guard_content_status();

drop type public.content_status;
drop type public.content_type;
drop type public.campaign_status;

delete from groundwork.error_codes where code like 'GW6__';
