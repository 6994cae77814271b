-- Undoes 20261121110000_marketing_agents.sql.

-- Agent types that jobs refer to stay, so that the jobs and their costs can stay. The others go, with what an operator
-- has set for them.
delete from groundwork.agent_types
where name in ('seo_writer', 'email_marketer', 'social_media', 'analyst', 'optimizer')
    and not exists (select from public.agent_jobs where agent_jobs.agent_type = agent_types.name);

drop function public.get_campaign_figures(uuid, uuid[]);
