-- Undoes 20261121160000_embeddings.sql.

do $$
begin
    if to_regprocedure('cron.unschedule(text)') is not null then
        execute $query$select cron.unschedule(jobname) from cron.job where jobname = 'groundwork_embed'$query$;
    end if;
end
$$;

drop trigger queue_inserted_thoughts on public.thoughts;
drop trigger queue_changed_thoughts on public.thoughts;
drop trigger queue_inserted_memories on public.personal_memories;
drop trigger queue_changed_memories on public.personal_memories;
drop trigger wake_unpaid_embeddings on public.users;
drop trigger wake_unpaid_embeddings on groundwork.monthly_spends;
drop trigger wake_unpaid_embeddings on public.user_spend_limits;
drop trigger wake_unpaid_embeddings on groundwork.agent_settings;
drop function public.drop_embedding_model(text, integer);
drop function public.switch_embedding_model(text, boolean);
drop function public.add_embedding_model(text);
drop function public.retry_failed_embeddings();
drop function public.embedding_payer(text);
drop function public.book_embeddings(text, text, jsonb);
drop function public.store_embeddings(jsonb);
drop function public.claim_embeddings(text, integer, integer, text, uuid);
drop function public.get_embedding_models();
drop function public.embedding_health();
drop function groundwork.schedule_embedder();
drop function groundwork.ring_embedder(timestamptz);
drop function groundwork.embedding_health();
drop function groundwork.get_embedding_models();
drop function groundwork.retry_failed_embeddings(timestamptz);
drop function groundwork.drop_embedding_model(text, integer);
drop function groundwork.switch_embedding_model(text, boolean);
drop function groundwork.add_embedding_model(text);
drop function groundwork.embedding_payer(text, timestamptz);
drop function groundwork.book_embeddings(text, text, jsonb, timestamptz);
drop function groundwork.store_embeddings(jsonb, timestamptz);
drop function groundwork.claim_embeddings(text, integer, integer, text, uuid, timestamptz);
drop function groundwork.postpone_unpaid_embeddings(uuid[], text, integer, timestamptz);
drop function groundwork.next_embedding_model(text, uuid, timestamptz);
drop function groundwork.people_in_embedding_line(text, uuid, integer, timestamptz);
drop function groundwork.has_embedding_work(timestamptz);
drop function groundwork.most_embedding_attempts();
drop function groundwork.queue_memories_for_embedding();
drop function groundwork.queue_thoughts_for_embedding();
drop function groundwork.wake_unpaid_embeddings();
drop function groundwork.recheck_unpaid_embeddings(uuid);
drop function groundwork.queue_for_embedding(uuid[], bigint[], uuid[]);
drop function groundwork.wanted_embeddings(uuid[], timestamptz);
drop function groundwork.unpaid_until(uuid, text, timestamptz);
drop function groundwork.is_embedding_charged(text, timestamptz);
drop function groundwork.active_embedding_model();
drop function groundwork.content_hash(text);
drop table groundwork.embedding_queue;
drop table groundwork.embedding_models;
drop type groundwork.embedding_model_state;
delete from groundwork.error_codes where code = 'GW803' or code between 'GW901' and 'GW905';
