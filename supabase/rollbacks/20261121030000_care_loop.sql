-- Undoes 20261121030000_care_loop.sql.

drop function public.complete_intention(bigint, text);
drop function groundwork.complete_intention;
drop function groundwork.guard_intention_status cascade;
drop function groundwork.count_intentions_completed cascade;
drop function groundwork.count_thoughts_linked cascade;
drop function groundwork.count_thoughts_placed cascade;
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
