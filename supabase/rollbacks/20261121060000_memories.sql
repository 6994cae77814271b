-- Undoes 20261121060000_memories.sql.

drop table public.circle_embeddings;
drop table public.thought_embeddings;
drop table public.personal_memories;
drop function private.forget_stale_embedding();
