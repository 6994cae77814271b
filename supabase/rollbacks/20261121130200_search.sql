-- Undoes 20261121130200_search.sql.

drop function public.search(text, extensions.vector, integer, public.search_kind[]);

delete from groundwork.error_codes where code = 'GW907';
