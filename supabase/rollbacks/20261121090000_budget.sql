-- Undoes 20261121090000_budget.sql.

-- Takes the triggers of the ledger along.
drop function groundwork.keep_sums() cascade;
drop function groundwork.add_to_sums(uuid[], uuid[], uuid[], numeric[], bigint[]);
drop table public.budget_entries;
drop type public.resource_type;

-- Without a ledger there is nothing to sum up.
update public.campaigns set spend = 0 where spend <> 0;
update public.agent_jobs set cost = 0, tokens_used = 0 where cost <> 0 or tokens_used <> 0;
