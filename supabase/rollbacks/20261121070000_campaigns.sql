-- Undoes 20261121070000_campaigns.sql.

drop trigger guard_content_status on public.content_assets;
drop trigger guard_first_content_status on public.content_assets;
drop function groundwork.guard_content_status;
drop table public.content_assets;
drop type public.content_status;
drop type public.content_type;
drop table public.campaigns;
drop type public.campaign_status;

delete from groundwork.error_codes where code in ('GW601', 'GW602');
