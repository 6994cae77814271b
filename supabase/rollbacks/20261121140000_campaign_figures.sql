-- Undoes 20261121140000_campaign_figures.sql.

drop function public.get_campaign_figures(uuid, uuid[]);
