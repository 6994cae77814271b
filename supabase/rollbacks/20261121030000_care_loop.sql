-- Undoes 20261121030000_care_loop.sql.

drop function public.complete_intention(bigint, text);
drop function groundwork.complete_intention;
drop trigger guard_intention_status on public.intentions;
drop function groundwork.guard_intention_status;
drop trigger count_intentions_completed on public.intentions;
drop function groundwork.count_intentions_completed;
drop trigger count_thoughts_linked on public.intention_cares;
drop function groundwork.count_thoughts_linked;
drop trigger count_thoughts_moved on public.thoughts;
drop trigger count_thoughts_inserted on public.thoughts;
drop function groundwork.count_thoughts_placed;
drop function groundwork.count_care;
drop table public.stories;
drop table public.intention_cares;
drop table public.intentions;
drop type public.intention_status;
drop table public.thought_relationships;
drop type public.thought_relationship_kind;
drop table public.thoughts;
drop table public.circles;

delete from groundwork.error_codes where code in ('GW201', 'GW202', 'GW203', 'GW204', 'GW205');
