-- Undoes 20261121130100_search_nearest.sql.

drop function public.related_thoughts(bigint, integer);
drop function public.match_memories(extensions.vector, integer, double precision, timestamptz);
drop function public.match_thoughts(extensions.vector, integer, double precision, bigint);
drop function groundwork.nearest_memories;
drop function groundwork.nearest_thoughts;
drop function groundwork.create_nearest;
drop function groundwork.max_code_distance;
drop function groundwork.check_match_count;

delete from groundwork.error_codes where code in ('GW206', 'GW906');
