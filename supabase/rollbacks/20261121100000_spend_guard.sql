-- Undoes 20261121100000_spend_guard.sql.

drop function public.set_model_price(text, public.usage_kind, numeric, integer, timestamptz);
drop function groundwork.set_model_price(text, public.usage_kind, numeric, integer, timestamptz);
drop function public.get_model_prices(text);
drop function groundwork.prices_of(text, timestamptz);

-- As the budget migration made it.
-- Security definer: writes sums that nobody else may write.
create or replace function groundwork.keep_sums()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op <> 'INSERT' then
        perform groundwork.add_to_sums(
            array_agg(user_id),
            array_agg(campaign_id),
            array_agg(agent_job_id),
            array_agg(-cost),
            array_agg(-tokens_used)
        )
        from old_entries;
    end if;
    if tg_op <> 'DELETE' then
        perform groundwork.add_to_sums(
            array_agg(user_id),
            array_agg(campaign_id),
            array_agg(agent_job_id),
            array_agg(cost),
            array_agg(tokens_used)
        )
        from new_entries;
    end if;
    return null;
end
$$;

drop function groundwork.add_to_monthly_spends(uuid[], date[], numeric[]);
drop function groundwork.spend_limit_of(uuid);
drop function groundwork.cost_of(bigint, numeric, integer);
drop function groundwork.month_of(timestamptz);

drop index public.idx_budget_entries_provider_request;
alter table public.budget_entries
    drop column usage_kind,
    drop column quantity,
    drop column price_id,
    drop column provider_request_id;

drop table public.user_spend_limits;
drop table groundwork.monthly_spends;
drop table groundwork.agent_settings;
drop table groundwork.model_prices;
drop type public.usage_kind;

delete from groundwork.error_codes where code = 'GW801';
