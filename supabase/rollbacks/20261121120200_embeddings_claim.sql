-- Undoes 20261121120200_embeddings_claim.sql.

drop function public.claim_embeddings(text, integer, integer, text, uuid);
drop function groundwork.claim_embeddings;
drop function groundwork.postpone_unpaid_embeddings;
drop function groundwork.next_embedding_model;
drop function groundwork.users_with_due_embeddings;
drop function groundwork.has_embedding_work;
drop function groundwork.max_embedding_attempts;

delete from groundwork.error_codes where code = 'GW901';
