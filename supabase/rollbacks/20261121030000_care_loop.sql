-- Undoes 20261121030000_care_loop.sql.

drop function public.complete_intention(bigint, text);
drop function groundwork.complete_intention(bigint, text);

drop table public.stories;
drop table public.intention_cares;
drop table public.intentions;
drop table public.thoughts;
drop table public.circles;

drop function groundwork.guard_intention_status();
drop function groundwork.count_intentions_completed();
drop function groundwork.count_thoughts_linked();
drop function groundwork.count_thoughts_placed();
drop function groundwork.count_care(jsonb);

drop type public.intention_status;

delete from groundwork.error_codes where code like 'GW2__';
