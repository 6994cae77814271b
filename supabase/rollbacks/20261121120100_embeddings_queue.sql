-- Undoes 20261121120100_embeddings_queue.sql.

drop function public.embedding_payer(text);
drop function groundwork.embedding_payer;
drop trigger wake_unpaid_embeddings on groundwork.settings;
drop trigger wake_unpaid_embeddings on public.user_spend_limits;
drop trigger wake_unpaid_embeddings on groundwork.monthly_spends;
drop trigger wake_unpaid_embeddings on public.users;
drop function groundwork.wake_unpaid_embeddings;
drop function groundwork.recheck_unpaid_embeddings;
drop trigger queue_changed_memories on public.personal_memories;
drop trigger queue_inserted_memories on public.personal_memories;
drop function groundwork.queue_memories_for_embedding;
drop trigger queue_changed_thoughts on public.thoughts;
drop trigger queue_inserted_thoughts on public.thoughts;
drop function groundwork.queue_thoughts_for_embedding;
drop function groundwork.queue_for_embedding;
drop function groundwork.wanted_embeddings;
drop function groundwork.unpaid_until;
drop function groundwork.is_embedding_charged;

delete from groundwork.error_codes where code = 'GW803';
