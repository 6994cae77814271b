-- Undoes 20261121120400_embeddings_models.sql.

drop function public.embedding_health();
drop function groundwork.embedding_health;
drop function public.retry_failed_embeddings();
drop function groundwork.retry_failed_embeddings;
drop function public.drop_embedding_model(text, integer);
drop function groundwork.drop_embedding_model;
drop function public.switch_embedding_model(text, boolean);
drop function groundwork.switch_embedding_model;
drop function public.add_embedding_model(text);
drop function groundwork.add_embedding_model;
drop function public.get_embedding_models();
drop function groundwork.get_embedding_models;

delete from groundwork.error_codes where code in ('GW903', 'GW904', 'GW905');
