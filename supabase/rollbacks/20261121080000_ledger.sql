-- Undoes 20261121080000_ledger.sql.

-- Without a ledger the sums of campaigns are 0.
update public.campaigns set spend = 0 where spend <> 0;

drop function public.get_daily_costs(date, date);
drop function groundwork.get_daily_costs;
drop function public.set_model_price(text, public.usage_kind, numeric, integer, timestamptz);
drop function groundwork.set_model_price;
drop function public.get_model_prices(text);
drop function groundwork.prices_of;
drop function groundwork.cost_of;
drop function groundwork.spend_limit_of;
drop function groundwork.keep_sums cascade;
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
