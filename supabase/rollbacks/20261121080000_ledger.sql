-- Undoes 20261121080000_ledger.sql.

-- Without a ledger there is nothing to sum up.
update public.campaigns set spend = 0 where spend <> 0;

drop function public.get_daily_costs(date, date);
drop function groundwork.get_daily_costs;
drop function public.set_model_price(text, public.usage_kind, numeric, integer, timestamptz);
drop function groundwork.set_model_price;
drop function public.get_model_prices(text);
drop function groundwork.prices_of;
drop function groundwork.cost_of;
drop function groundwork.spend_limit_of;
drop trigger keep_sums_after_delete on public.budget_entries;
drop trigger keep_sums_after_update on public.budget_entries;
drop trigger keep_sums_after_insert on public.budget_entries;
drop function groundwork.keep_sums;
drop function groundwork.add_to_daily_costs;
drop function groundwork.add_to_sums;
drop function groundwork.month_of;
drop table groundwork.daily_costs;
drop table groundwork.monthly_spends;
drop table public.budget_entries;
drop type public.resource_type;
drop table public.user_spend_limits;
drop table groundwork.settings;
drop table groundwork.model_prices;
drop type public.usage_kind;

delete from groundwork.error_codes where code = 'GW801';
