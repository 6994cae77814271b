-- Undoes 20261121160000_embeddings.sql.

do $$
begin
    if to_regprocedure('cron.unschedule(text)') is not null then
        execute $query$select cron.unschedule(jobname) from cron.job where jobname = 'groundwork-embed'$query$;
    end if;
end
$$;

drop trigger queue_inserted_thoughts on public.thoughts;
drop trigger queue_changed_thoughts on public.thoughts;
drop trigger queue_inserted_memories on public.personal_memories;
drop trigger queue_changed_memories on public.personal_memories;
drop trigger wake_unpaid_embeddings on public.users;
drop trigger wake_unpaid_embeddings on private.monthly_spends;
drop trigger wake_unpaid_embeddings on public.user_spend_limits;
drop trigger wake_unpaid_embeddings on private.agent_settings;
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
drop function private.schedule_embedder();
drop function private.ring_embedder(timestamptz);
drop function private.embedding_health();
drop function private.get_embedding_models();
drop function private.retry_failed_embeddings(timestamptz);
drop function private.drop_embedding_model(text, integer);
drop function private.switch_embedding_model(text, boolean);
drop function private.add_embedding_model(text);
drop function private.embedding_payer(text, timestamptz);
drop function private.book_embeddings(text, text, jsonb, timestamptz);
drop function private.store_embeddings(jsonb, timestamptz);
drop function private.claim_embeddings(text, integer, integer, text, uuid, timestamptz);
drop function private.postpone_unpaid_embeddings(uuid[], text, integer, timestamptz);
drop function private.next_embedding_model(text, uuid, timestamptz);
drop function private.people_in_embedding_line(text, uuid, integer, timestamptz);
drop function private.has_embedding_work(timestamptz);
drop function private.most_embedding_attempts();
drop function private.queue_memories_for_embedding();
drop function private.queue_thoughts_for_embedding();
drop function private.wake_unpaid_embeddings();
drop function private.recheck_unpaid_embeddings(uuid);
drop function private.queue_for_embedding(uuid[], bigint[], uuid[]);
drop function private.wanted_embeddings(uuid[], timestamptz);
drop function private.unpaid_until(uuid, text, timestamptz);
drop function private.is_embedding_charged(text, timestamptz);
drop function private.active_embedding_model();
drop function private.content_hash(text);
drop table private.embedding_queue;
drop table private.embedding_models;
drop type private.embedding_model_state;
delete from private.error_codes where code = 'GW803' or code between 'GW901' and 'GW905';
