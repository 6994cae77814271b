-- Undoes 20261121120000_embeddings_tables.sql. The extension stays, because other tables may use it.

drop view groundwork.claimable_embeddings;
drop table groundwork.embedding_queue;
drop table public.circle_embeddings;
drop table public.memory_embeddings;
drop table public.thought_embeddings;
drop function groundwork.content_hash;
drop function groundwork.active_embedding_model;
drop table groundwork.embedding_models;
drop type groundwork.embedding_model_state;
