-- Embeddings, claim: picks the next texts and leases them.
-- Needs: helpers, care_loop, memories, jobs_money, embeddings_tables, embeddings_queue.

-- Returns after how many claims without success a text is given up.
create function groundwork.max_embedding_attempts()
returns integer
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return 8;
end
$$;

-- Returns whether a worker would find work: a text that is due, or an unpaid text that there may be money for again.
create function groundwork.has_embedding_work(at timestamptz)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select
        from groundwork.embedding_models as model
        join groundwork.claimable_embeddings as queued on queued.model_used = model.name
        where queued.due_at <= at
    ) or exists (
        select
        from groundwork.embedding_queue as unpaid
        where unpaid.is_unpaid and unpaid.due_at <= at
    );
$$;

select groundwork.create_round_robin(
    'users_with_due_embeddings',
    'groundwork.claimable_embeddings',
    'wanted_model text, at timestamptz',
    'queued.model_used = wanted_model and queued.due_at <= at'
);

-- Returns a model that texts are due for. wanted_model and for_user_id restrict it to one model and to the texts of one
-- user; null stands for any. The active model comes first, so that new texts do not wait behind a move to another
-- model.
create function groundwork.next_embedding_model(wanted_model text, for_user_id uuid, at timestamptz)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select known.name
        from groundwork.embedding_models as known
        where known.name = coalesce(wanted_model, known.name)
            and exists (
                select
                from groundwork.claimable_embeddings as queued
                where queued.model_used = known.name
                    and queued.due_at <= at
            )
            and (
                for_user_id is null
                or exists (
                    select
                    from groundwork.claimable_embeddings as queued
                    where queued.model_used = known.name
                        and queued.user_id = for_user_id
                        and queued.due_at <= at
                )
            )
        order by known.state = 'active' desc, known.created_at
        limit 1
    );
end
$$;

-- Makes due texts of users whose monthly limit is used up wait for money, and returns how many. It takes up to max_rows
-- texts at once, so that the texts of other users do not have to wait behind them.
create function groundwork.postpone_unpaid_embeddings(
    user_ids uuid[],
    wanted_model text,
    max_rows integer,
    at timestamptz
)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    postponed integer;
begin
    update groundwork.embedding_queue as queued
    set
        due_at = unpaid.until,
        is_unpaid = true,
        lease_token = null,
        last_error = 'The month is spent (GW803).'
    from (
        select theirs.id, payer.until
        from (
            select given.id, groundwork.unpaid_until(given.id, wanted_model, at) as until
            from unnest(user_ids) as given (id)
        ) as payer
        cross join lateral (
            select late.id
            from groundwork.claimable_embeddings as late
            where late.model_used = wanted_model
                and late.user_id = payer.id
                and late.due_at <= at
            limit max_rows
            for update skip locked
        ) as theirs
        -- A user may have been given money in the meantime.
        where payer.until is not null
        limit max_rows
    ) as unpaid
    where queued.id = unpaid.id;
    get diagnostics postponed = row_count;
    return postponed;
end
$$;

-- All texts of one claim are for one model. It visits the users who have due texts in turn, and begins after the user
-- whom this session served last. Each user gets an equal share of the batch, however many texts they wrote.
--
-- Security definer: only the service role may call it, and that role may not read the queue directly.
create function groundwork.claim_embeddings(
    worker text,
    batch_size integer,
    lease_seconds integer,
    wanted_model text,
    for_user_id uuid,
    at timestamptz
)
returns table (
    id bigint,
    lease_token uuid,
    model text,
    kind text,
    user_id uuid,
    content text,
    content_hash text,
    attempts integer
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- Every statement must use an index, even if the statistics are from a time when the queue was empty.
set enable_seqscan = 'off'
set jit = 'off'
as $$
declare
    -- A text is given up after this many claims, because it may be the text that ends its workers.
    max_attempts constant integer := groundwork.max_embedding_attempts();
    max_postponed constant integer := 5000;
    next_model text;
    is_charged boolean;
    next_user_id uuid := groundwork.last_served_user('groundwork.last_embedded_user');
    user_ids uuid[];
    users_without_money uuid[] := '{}'::uuid[];
    more_ids bigint[];
    leased_ids bigint[] := '{}'::bigint[];
    missing integer := batch_size;
    postponed integer := 0;
    postponed_now integer;
begin
    if (batch_size between 1 and 1000 and lease_seconds between 1 and 3600) is not true then
        perform groundwork.raise_error('GW901');
    end if;
    if for_user_id is not null then
        -- Only one run for this user is allowed at a time. What a run is embedding is not booked yet, so several runs
        -- together could spend too much.
        perform pg_advisory_xact_lock(20261123, uuid_hash(for_user_id));
        if exists (
            select
            from groundwork.embedding_models as known
            join groundwork.claimable_embeddings as running
                on running.model_used = known.name
                and running.user_id = for_user_id
                and running.due_at > at
            where running.lease_token is not null
                and running.worker_id like 'embed-own/%'
                and running.worker_id <> worker
        ) then
            return;
        end if;
    end if;
    if exists (select from groundwork.embedding_queue as late where late.is_unpaid and late.due_at <= at) then
        -- A new month has begun, so these texts may be embedded again.
        update groundwork.embedding_queue
        set is_unpaid = false, last_error = null
        where embedding_queue.id = any(
            array(
                select late.id
                from groundwork.embedding_queue as late
                where late.is_unpaid and late.due_at <= at
                order by late.due_at
                limit max_postponed
                for update skip locked
            )
        );
    end if;
    next_model := groundwork.next_embedding_model(wanted_model, for_user_id, at);
    if next_model is null then
        return;
    end if;
    is_charged := groundwork.is_embedding_charged(next_model, at);

    for round in 1..20 loop
        user_ids := case
            when for_user_id is null then groundwork.users_with_due_embeddings(next_user_id, missing, next_model, at)
            else array[for_user_id]
        end;
        exit when cardinality(user_ids) = 0;
        next_user_id := user_ids[cardinality(user_ids)];
        if is_charged then
            users_without_money := array(
                select payer.id
                from unnest(user_ids) as payer (id)
                where groundwork.month_room(payer.id, at) <= 0
            );
        end if;

        with leased as (
            update groundwork.embedding_queue as queued
            set
                attempts = least(queued.attempts + 1, max_attempts),
                lease_token = gen_random_uuid(),
                worker_id = worker,
                due_at = at + make_interval(secs => lease_seconds),
                failed_at = case when queued.attempts >= max_attempts then at end,
                last_error = case
                    when queued.attempts >= max_attempts
                        then coalesce(queued.last_error, 'The worker did not answer.')
                    else queued.last_error
                end
            where queued.id = any(
                array(
                    select picked.id
                    from unnest(user_ids) with ordinality as next (id, turn)
                    cross join lateral (
                        select waiting.id
                        from groundwork.claimable_embeddings as waiting
                        where waiting.model_used = next_model
                            and waiting.user_id = next.id
                            and waiting.due_at <= at
                        order by waiting.due_at
                        limit ceil(missing::numeric / cardinality(user_ids))
                        for update skip locked
                    ) as picked
                    where next.id <> all(users_without_money)
                    order by next.turn
                    limit missing
                )
            )
            returning queued.id
        )
        select coalesce(array_agg(leased.id), '{}') into more_ids from leased;
        leased_ids := leased_ids || more_ids;
        missing := missing - cardinality(more_ids);

        postponed_now := groundwork.postpone_unpaid_embeddings(
            users_without_money,
            next_model,
            max_postponed - postponed,
            at
        );
        postponed := postponed + postponed_now;
        exit when missing <= 0 or postponed >= max_postponed;
        -- Other sessions are taking the texts that are left.
        exit when cardinality(more_ids) = 0 and postponed_now = 0 and cardinality(user_ids) < missing;
    end loop;
    perform set_config('groundwork.last_embedded_user', next_user_id::text, false);

    return query
    select
        leased.id,
        leased.lease_token,
        next_model,
        case when leased.thought_id is null then 'memory' else 'thought' end,
        leased.user_id,
        coalesce(thoughts.thought_text, memories.content),
        groundwork.content_hash(coalesce(thoughts.thought_text, memories.content)),
        leased.attempts::integer
    from groundwork.embedding_queue as leased
    left join public.thoughts on thoughts.user_id = leased.user_id and thoughts.id = leased.thought_id
    left join public.personal_memories as memories
        on memories.user_id = leased.user_id
        and memories.id = leased.memory_id
    where leased.id = any(leased_ids) and leased.failed_at is null
    order by leased.id;
end
$$;

create function public.claim_embeddings(
    worker_id text,
    batch_size integer default 100,
    lease_seconds integer default 120,
    model text default null,
    for_user_id uuid default null
)
returns table (
    id bigint,
    lease_token uuid,
    model_used text,
    kind text,
    user_id uuid,
    content text,
    content_hash text,
    attempts integer
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select * from groundwork.claim_embeddings(worker_id, batch_size, lease_seconds, model, for_user_id, now());
end
$$;

comment on function public.claim_embeddings(text, integer, integer, text, uuid) is
    'Service role only. Leases up to batch_size (at most 1000) texts for lease_seconds (at most 3600), and returns '
    'them. All of them are for one model. If no model is given, the active one comes first. for_user_id restricts the '
    'claim to the texts of one user. If users pay for the model, the texts of users whose monthly limit is used up '
    'wait for the next month. Error: GW901.';

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values (
    'GW901', 400, 'batch_size or lease_seconds is out of range.',
    'batch_size is 1 to 1000, lease_seconds 1 to 3600.'
);

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.max_embedding_attempts, groundwork.has_embedding_work, groundwork.next_embedding_model,
    groundwork.postpone_unpaid_embeddings, groundwork.claim_embeddings, groundwork.users_with_due_embeddings,
    public.claim_embeddings(text, integer, integer, text, uuid)
from public, anon, authenticated, service_role;

grant execute on function
    groundwork.claim_embeddings,
    public.claim_embeddings(text, integer, integer, text, uuid)
to service_role;
