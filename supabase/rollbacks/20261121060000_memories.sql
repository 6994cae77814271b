-- Undoes 20261121060000_memories.sql.

drop table public.circle_embeddings;
drop table public.memory_embeddings;
drop table public.thought_embeddings;
drop table public.personal_memories;
