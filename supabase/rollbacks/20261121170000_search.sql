-- Undoes 20261121170000_search.sql.

drop index public.idx_content_assets_user_id_words;
drop index public.idx_stories_user_id_words;
drop index public.idx_tasks_user_id_words;
drop index public.idx_personas_user_id_words;
drop index public.idx_personal_memories_user_id_words;
drop index public.idx_thoughts_user_id_words;
drop function public.search(text, extensions.vector, integer, public.search_kind[]);
drop function public.related_thoughts(bigint, integer);
drop function public.match_memories(extensions.vector, integer, double precision, timestamptz);
drop function public.match_thoughts(extensions.vector, integer, double precision, bigint);
drop function groundwork.snippet(text, tsquery);
drop function groundwork.without_phrases(tsquery);
drop function groundwork.find_words(tsquery, public.search_kind[], integer);
drop function groundwork.check_match_count(integer);
drop function groundwork.nearest_memories(extensions.vector, integer, timestamptz);
drop function groundwork.nearest_thoughts(extensions.vector, integer, bigint);
drop function groundwork.farthest_code(double precision);
drop function groundwork.words_of(text);
drop table public.thought_relationships;
drop type public.thought_relationship_kind;
drop type public.search_kind;
delete from groundwork.error_codes where code in ('GW206', 'GW906', 'GW907');
