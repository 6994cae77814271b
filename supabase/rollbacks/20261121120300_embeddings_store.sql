-- Undoes 20261121120300_embeddings_store.sql.

drop function public.book_embeddings(text, text, jsonb);
drop function groundwork.book_embeddings;
drop function public.store_embeddings(jsonb);
drop function groundwork.store_embeddings;

delete from groundwork.error_codes where code = 'GW902';
