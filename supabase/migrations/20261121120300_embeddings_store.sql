-- Embeddings, store: workers send back embeddings, and book what they cost.
-- Needs: helpers, identity, care_loop, memories, ledger, embeddings_tables, embeddings_queue, embeddings_claim.

-- It locks users, then texts, then rows of the queue. Deleting a user or a text locks them in the same order. It locks
-- the rows of the queue in the same order as a statement that changes many texts.
--
-- Security definer: only the service role may call it, and that role may not write the queue directly.
create function groundwork.store_embeddings(results jsonb, at timestamptz)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- Every statement must use an index, even if the statistics are from a time when the queue was empty.
set enable_seqscan = 'off'
set jit = 'off'
as $$
declare
    max_attempts constant integer := groundwork.max_embedding_attempts();
    given_results integer;
    stored bigint[];
    failed bigint[];
begin
    if jsonb_typeof(results) is distinct from 'array' then
        perform groundwork.raise_error('GW902', 'results is no JSON array.');
    end if;
    given_results := jsonb_array_length(results);

    perform
    from public.users
    where users.id in (
        select queued.user_id
        from jsonb_array_elements(results) as given
        join groundwork.embedding_queue as queued on queued.id = (given.value ->> 'id')::bigint
    )
    order by users.id
    for key share;
    perform
    from public.thoughts
    join groundwork.embedding_queue as queued
        on queued.user_id = thoughts.user_id
        and queued.thought_id = thoughts.id
    where queued.id in (select (given.value ->> 'id')::bigint from jsonb_array_elements(results) as given)
    order by thoughts.id
    for key share of thoughts;
    perform
    from public.personal_memories as memories
    join groundwork.embedding_queue as queued
        on queued.user_id = memories.user_id
        and queued.memory_id = memories.id
    where queued.id in (select (given.value ->> 'id')::bigint from jsonb_array_elements(results) as given)
    order by memories.id
    for key share of memories;
    perform
    from groundwork.embedding_queue as queued
    where queued.id in (select (given.value ->> 'id')::bigint from jsonb_array_elements(results) as given)
    order by queued.thought_id, queued.memory_id, queued.model_used
    for update;

    with given as materialized (
        select
            queued.id,
            queued.user_id,
            queued.thought_id,
            queued.memory_id,
            queued.model_used,
            result.content_hash,
            extensions.l2_normalize(result.embedding::extensions.vector(1536))::extensions.halfvec(1536) as embedding
        from jsonb_to_recordset(results) as result (
            id bigint, lease_token uuid, content_hash text, embedding text, error text
        )
        join groundwork.embedding_queue as queued
            on queued.id = result.id
            and queued.lease_token = result.lease_token
            and queued.failed_at is null
        where result.error is null
    ),
    of_thoughts as (
        insert into public.thought_embeddings as kept (user_id, thought_id, model_used, content_hash, embedding)
        select given.user_id, given.thought_id, given.model_used, given.content_hash, given.embedding
        from given
        join public.thoughts on thoughts.user_id = given.user_id and thoughts.id = given.thought_id
        where groundwork.content_hash(thoughts.thought_text) = given.content_hash
        on conflict (user_id, thought_id, model_used) do update
        set content_hash = excluded.content_hash, embedding = excluded.embedding
        returning kept.thought_id, kept.model_used
    ),
    of_memories as (
        insert into public.memory_embeddings as kept (user_id, memory_id, model_used, content_hash, embedding)
        select given.user_id, given.memory_id, given.model_used, given.content_hash, given.embedding
        from given
        join public.personal_memories as memories
            on memories.user_id = given.user_id
            and memories.id = given.memory_id
        where groundwork.content_hash(memories.content) = given.content_hash
        on conflict (user_id, memory_id, model_used) do update
        set content_hash = excluded.content_hash, embedding = excluded.embedding
        returning kept.memory_id, kept.model_used
    )
    select array_agg(given.id)
    into stored
    from given
    where exists (
        select
        from of_thoughts
        where of_thoughts.thought_id = given.thought_id and of_thoughts.model_used = given.model_used
    )
    or exists (
        select
        from of_memories
        where of_memories.memory_id = given.memory_id and of_memories.model_used = given.model_used
    );
    delete from groundwork.embedding_queue where id = any(stored);

    with result as (
        select
            queued.id,
            coalesce(given.is_released, false) as is_released,
            coalesce(given.retryable, true) and queued.attempts < max_attempts as is_retried,
            case
                when given.is_released then least(coalesce(given.retry_after_seconds, 30), 86400)
                else groundwork.backoff_seconds(
                    retries => queued.attempts - 1,
                    base_seconds => 30,
                    asked_seconds => given.retry_after_seconds,
                    jitter => 0
                )
            end as pause_seconds,
            left(given.error, 1000) as error
        from jsonb_to_recordset(results) as given (
            id bigint, lease_token uuid, error text, retryable boolean, retry_after_seconds numeric, is_released boolean
        )
        join groundwork.embedding_queue as queued
            on queued.id = given.id
            and queued.lease_token = given.lease_token
            and queued.failed_at is null
        where given.error is not null
    ),
    put_back as (
        update groundwork.embedding_queue as queued
        set
            attempts = queued.attempts - result.is_released::integer,
            lease_token = null,
            last_error = result.error,
            due_at = at + make_interval(secs => result.pause_seconds),
            failed_at = case when not (result.is_retried or result.is_released) then at end
        from result
        where queued.id = result.id
        returning queued.id
    )
    select array_agg(put_back.id) into failed from put_back;

    return jsonb_build_object(
        'stored', coalesce(cardinality(stored), 0),
        'failed', coalesce(cardinality(failed), 0),
        'dropped', given_results - coalesce(cardinality(stored), 0) - coalesce(cardinality(failed), 0)
    );
end
$$;

create function public.store_embeddings(results jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.store_embeddings(results, now());
end
$$;

comment on function public.store_embeddings(jsonb) is
    'Service role only. Takes the results of claimed texts: [{"id", "lease_token", "content_hash", "embedding": '
    '"[…1536 numbers]"} or {"id", "lease_token", "error", "retryable", "retry_after_seconds", "is_released"}…]. '
    'Returns how many there were: {"stored", "failed", "dropped"}. A result is dropped if its lease is lost or its '
    'text has changed. A failed text waits 30 seconds, and twice as long after each further failure, up to an hour. '
    'It is given up after 8 attempts, or at once if it is not retryable. A released text waits 30 seconds unless '
    'retry_after_seconds is given. A release does not count as an attempt, because the text did not cause it. Error: '
    'GW902.';

-- Security definer: only the service role may call it, and that role may not read prices directly.
create function groundwork.book_embeddings(wanted_model text, request_id text, usage jsonb, at timestamptz)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- This is the largest number of tokens that a user may have in one request. A greater number is an error of the
    -- provider.
    max_tokens constant bigint := 10000000;
    payers uuid[];
begin
    if request_id is null or jsonb_typeof(usage) is distinct from 'array' then
        perform groundwork.raise_error('GW902', 'request_id or usage is missing.');
    end if;
    if not groundwork.is_embedding_charged(wanted_model, at) then
        return;
    end if;
    -- Users who are being deleted do not pay.
    payers := array(
        select users.id
        from public.users
        where users.id in (select given.user_id from jsonb_to_recordset(usage) as given (user_id uuid))
        order by users.id
        for key share
    );
    insert into public.budget_entries (
        user_id, resource_type, cost, tokens_used, model_used, usage_kind, quantity, price_id, provider_request_id,
        created_at
    )
    select
        used.user_id,
        'embedding',
        groundwork.cost_of(used.tokens, price.price, price.per),
        used.tokens,
        wanted_model,
        'embedding',
        used.tokens,
        price.id,
        request_id,
        at
    from (
        select given.user_id, least(floor(sum(given.tokens)), max_tokens)::bigint as tokens
        from jsonb_to_recordset(usage) as given (user_id uuid, tokens numeric)
        where given.tokens >= 1 and given.user_id = any(payers)
        group by given.user_id
    ) as used
    cross join (
        select listed.*
        from groundwork.model_prices as listed
        where listed.model = wanted_model and listed.usage_kind = 'embedding' and listed.valid_from <= at
        order by listed.valid_from desc
        limit 1
    ) as price
    order by used.user_id
    on conflict (user_id, agent_job_id, provider_request_id, usage_kind) where provider_request_id is not null
    do nothing;
end
$$;

create function public.book_embeddings(model text, request_id text, usage jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform groundwork.book_embeddings(model, request_id, usage, now());
end
$$;

comment on function public.book_embeddings(text, text, jsonb) is
    'Service role only. Books what one request to the model used, [{"user_id", "tokens"}…], once for each request_id. '
    'It books nothing unless the model is the active one and has a price.';

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values ('GW902', 400, 'These are no results of embedding.', 'See the details, and the comment on store_embeddings().');

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.store_embeddings, groundwork.book_embeddings,
    public.store_embeddings(jsonb),
    public.book_embeddings(text, text, jsonb)
from public, anon, authenticated, service_role;

grant execute on function
    groundwork.store_embeddings,
    public.store_embeddings(jsonb),
    groundwork.book_embeddings,
    public.book_embeddings(text, text, jsonb)
to service_role;
