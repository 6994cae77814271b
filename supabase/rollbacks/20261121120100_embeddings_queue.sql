-- Undoes 20261121120100_embeddings_queue.sql.

drop function public.embedding_payer(text);
drop function groundwork.embedding_payer;
drop function groundwork.wake_unpaid_embeddings cascade;
drop function groundwork.recheck_unpaid_embeddings;
drop function groundwork.queue_memories_for_embedding cascade;
drop function groundwork.queue_thoughts_for_embedding cascade;
drop function groundwork.queue_for_embedding;
drop function groundwork.wanted_embeddings;
drop function groundwork.unpaid_until;
drop function groundwork.is_embedding_charged;

delete from groundwork.error_codes where code = 'GW803';
