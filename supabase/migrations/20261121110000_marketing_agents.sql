-- Marketing agents: agents that write content or assess campaigns, and the figures that they use.
-- Needs: helpers, campaigns, jobs_tables, jobs_money, jobs_api.
-- Adds to: agent_types.

insert into groundwork.agent_types (name, purpose, required_inputs, inputs, default_max_cost)
values
    (
        'seo_writer',
        'Writes blog posts that search engines find.',
        '{topic}',
        '{"topic": "string", "keywords": "array", "length": "number", "audience": "string", "tone": "string"}',
        0.5
    ),
    (
        'email_marketer',
        'Writes marketing e-mails.',
        '{goal}',
        '{"goal": "string", "type": "string", "audience": "string", "tone": "string", "offer": "string"}',
        0.25
    ),
    (
        'social_media',
        'Writes posts for social media.',
        '{topic}',
        '{"topic": "string", "platforms": "array", "audience": "string", "tone": "string", "link": "string"}',
        0.25
    ),
    (
        'analyst',
        'Answers questions about campaigns, from their figures.',
        '{}',
        '{"question": "string", "campaign_ids": "array"}',
        0.25
    ),
    (
        'optimizer',
        'Proposes how to divide a budget between campaigns.',
        '{}',
        '{"goal": "string", "total_budget": "number"}',
        0.25
    )
on conflict (name) do nothing;

create function public.get_campaign_figures(for_user_id uuid, campaign_ids uuid[] default null)
returns table (
    id uuid,
    name text,
    status public.campaign_status,
    budget numeric,
    spend numeric,
    reserved numeric,
    budget_remaining numeric,
    impressions bigint,
    clicks bigint,
    conversions bigint,
    roi numeric,
    click_rate numeric,
    conversion_rate numeric,
    cost_per_click numeric,
    cost_per_conversion numeric
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        campaign.id,
        campaign.name,
        campaign.status,
        campaign.budget,
        campaign.spend,
        groundwork.reserved_for_campaign(campaign.user_id, campaign.id),
        campaign.budget_remaining,
        campaign.impressions,
        campaign.clicks,
        campaign.conversions,
        campaign.roi,
        round(campaign.clicks::numeric / nullif(campaign.impressions, 0), 6),
        round(campaign.conversions::numeric / nullif(campaign.clicks, 0), 6),
        round(campaign.spend / nullif(campaign.clicks, 0), 6),
        round(campaign.spend / nullif(campaign.conversions, 0), 6)
    from public.campaigns as campaign
    where campaign.user_id = for_user_id
        and (campaign_ids is null or campaign.id = any(campaign_ids))
    order by campaign.created_at, campaign.id;
$$;

comment on function public.get_campaign_figures(uuid, uuid[]) is
    'Service role only. Returns the figures of a user''s campaigns: of those in campaign_ids, or of all if '
    'campaign_ids is null. It never returns campaigns of other users. click_rate is clicks per impression, and '
    'conversion_rate is conversions per click. A rate or a cost per unit is null if nothing was counted.';

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    public.get_campaign_figures(uuid, uuid[])
from public, anon, authenticated, service_role;

grant execute on function public.get_campaign_figures(uuid, uuid[]) to service_role;
