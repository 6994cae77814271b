-- Embeddings: which thoughts and memories need a vector, of which model, and how those come in.
-- Needs: care loop, memories, budget, spend guard, job queue, platform.

-- Types ---------------------------------------------------------------------------------------------------------------

create type groundwork.embedding_model_state as enum ('filling', 'active', 'former');

-- Tables --------------------------------------------------------------------------------------------------------------

create table groundwork.embedding_models (
    name varchar(100) constraint embedding_models_pkey primary key,
    state groundwork.embedding_model_state not null,
    created_at timestamptz not null default now(),
    constraint embedding_models_name_check check (name ~ '\S')
);

-- One row for each text without a current vector, so that looking for work costs the same however much is done.
create table groundwork.embedding_queue (
    id bigint generated always as identity constraint embedding_queue_pkey primary key,
    user_id uuid not null,
    thought_id bigint,
    memory_id uuid,
    model_used varchar(100) not null
        constraint embedding_queue_model_used_fkey references groundwork.embedding_models (name) on delete cascade,
    attempts smallint not null default 0,
    due_at timestamptz not null default now(),
    is_unpaid boolean not null default false,
    lease_token uuid,
    worker_id text,
    last_error text,
    failed_at timestamptz,
    created_at timestamptz not null default now(),
    constraint embedding_queue_model_used_user_id_thought_id_memory_id_key
        unique nulls not distinct (model_used, user_id, thought_id, memory_id),
    constraint embedding_queue_user_id_thought_id_fkey
        foreign key (user_id, thought_id) references public.thoughts (user_id, id) on delete cascade,
    constraint embedding_queue_user_id_memory_id_fkey
        foreign key (user_id, memory_id) references public.personal_memories (user_id, id) on delete cascade,
    constraint embedding_queue_kind_check check (num_nonnulls(thought_id, memory_id) = 1)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);

-- Indexes -------------------------------------------------------------------------------------------------------------

create unique index idx_embedding_models_active on groundwork.embedding_models (state) where state = 'active';
-- Partial, so that statistics of a queue that was empty do not lead who deletes a text to the index of the other kind.
create index idx_embedding_queue_user_id_thought_id on groundwork.embedding_queue (user_id, thought_id)
where thought_id is not null;
create index idx_embedding_queue_user_id_memory_id on groundwork.embedding_queue (user_id, memory_id)
where memory_id is not null;
create index idx_embedding_queue_line on groundwork.embedding_queue (model_used, user_id, due_at)
where failed_at is null and not is_unpaid;
create index idx_embedding_queue_unpaid_user_id on groundwork.embedding_queue (user_id) where is_unpaid;
create index idx_embedding_queue_unpaid_due_at on groundwork.embedding_queue (due_at) where is_unpaid;

-- Functions -----------------------------------------------------------------------------------------------------------

create function groundwork.content_hash(content text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return encode(sha256(convert_to(content, 'UTF8')), 'hex');
end
$$;

-- Security definer: everybody may ask which model the vectors are of, nobody may change it.
create function groundwork.active_embedding_model()
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return (select name from groundwork.embedding_models where state = 'active');
end
$$;

-- People pay for the vectors of the active model. Those of another one are for a move to it and back, which is the
-- operator's.
create function groundwork.is_embedding_charged(wanted_model text, at timestamptz)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wanted_model = groundwork.active_embedding_model()
        and coalesce((groundwork.prices_of(wanted_model, at) ->> 'embedding')::numeric, 0) > 0;
end
$$;

-- Until when texts have to wait of a person whose month is spent: until the next one, or for ever if they may spend
-- nothing. What else gives them money wakes them.
create function groundwork.unpaid_until(person uuid, wanted_model text, at timestamptz)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not groundwork.is_embedding_charged(wanted_model, at) or groundwork.month_room(person, at) > 0 then
        return null;
    end if;
    if groundwork.spend_limit_of(person) = 0 then
        return 'infinity'::timestamptz;
    end if;
    return (groundwork.month_of(at) + interval '1 month') at time zone 'UTC';
end
$$;

-- Locks the models, so that none is dropped before the texts are queued for it.
create function groundwork.wanted_embeddings(people uuid[], at timestamptz)
returns table (user_id uuid, model text, due_at timestamptz, is_unpaid boolean)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select person.id, known.name::text, coalesce(unpaid.until, at), unpaid.until is not null
    from unnest(people) as person (id)
    cross join groundwork.embedding_models as known
    cross join lateral (select groundwork.unpaid_until(person.id, known.name, at) as until) as unpaid
    for key share of known;
end
$$;

-- The texts are given column by column; each is a thought or a memory.
create function groundwork.queue_for_embedding(people uuid[], thought_ids bigint[], memory_ids uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
-- Every row is checked against the texts, of which this statement may have written more than were counted: a plan from
-- when they were few would read all of them each time.
set enable_seqscan = 'off'
set jit = 'off'
as $$
begin
    if people is null then
        return;
    end if;
    insert into groundwork.embedding_queue (user_id, thought_id, memory_id, model_used, due_at, is_unpaid)
    select
        written.user_id,
        written.thought_id,
        written.memory_id,
        wanted.model,
        wanted.due_at,
        wanted.is_unpaid
    from unnest(people, thought_ids, memory_ids) as written (user_id, thought_id, memory_id)
    join groundwork.wanted_embeddings(array(select distinct unnest(people)), now()) as wanted
        on wanted.user_id = written.user_id
    order by written.thought_id, written.memory_id, wanted.model
    -- The text has changed. A lease on the former one ends here, so that its result comes too late.
    on conflict (model_used, user_id, thought_id, memory_id) do update
    set
        attempts = 0,
        due_at = excluded.due_at,
        is_unpaid = excluded.is_unpaid,
        lease_token = null,
        last_error = null,
        failed_at = null;
    perform groundwork.wake_listeners();
end
$$;

-- Security definer: people may not write the queue.
create function groundwork.queue_thoughts_for_embedding()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    people uuid[];
    ids bigint[];
begin
    if tg_op = 'INSERT' then
        select array_agg(written.user_id), array_agg(written.id)
        into people, ids
        from new_thoughts as written;
    else
        select array_agg(changed.user_id), array_agg(changed.id)
        into people, ids
        from (
            -- No join: the plan is kept, and for a statement that wrote one row it would be a nested loop.
            select user_id, id, groundwork.content_hash(thought_text) from new_thoughts
            except
            select user_id, id, groundwork.content_hash(thought_text) from old_thoughts
        ) as changed;
    end if;
    perform groundwork.queue_for_embedding(people, ids, null);
    return null;
end
$$;

-- Security definer: as above.
create function groundwork.queue_memories_for_embedding()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    people uuid[];
    ids uuid[];
begin
    if tg_op = 'INSERT' then
        select array_agg(written.user_id), array_agg(written.id)
        into people, ids
        from new_memories as written;
    else
        select array_agg(changed.user_id), array_agg(changed.id)
        into people, ids
        from (
            select user_id, id, groundwork.content_hash(content) from new_memories
            except
            select user_id, id, groundwork.content_hash(content) from old_memories
        ) as changed;
    end if;
    perform groundwork.queue_for_embedding(people, null, ids);
    return null;
end
$$;

-- What was unpaid is looked at again. Null for everybody's.
create function groundwork.recheck_unpaid_embeddings(person uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    update groundwork.embedding_queue
    set due_at = now(), is_unpaid = false, last_error = null
    where id = any(
        array(
            select unpaid.id
            from groundwork.embedding_queue as unpaid
            where unpaid.is_unpaid and (person is null or unpaid.user_id = person)
            order by unpaid.thought_id, unpaid.memory_id, unpaid.model_used
            for update
        )
    );
    if found then
        perform groundwork.wake_listeners();
    end if;
end
$$;

-- Security definer: whoever changes a limit or a sum may not write the queue.
create function groundwork.wake_unpaid_embeddings()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_table_name = 'users' then
        perform groundwork.recheck_unpaid_embeddings(new.id);
    elsif tg_table_name = 'agent_settings' then
        perform groundwork.recheck_unpaid_embeddings(null);
    else
        perform groundwork.recheck_unpaid_embeddings(coalesce(new.user_id, old.user_id));
    end if;
    return null;
end
$$;

create function groundwork.most_embedding_attempts()
returns integer
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return 8;
end
$$;

create function groundwork.has_embedding_work(at timestamptz)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select
        from groundwork.embedding_models as model
        join groundwork.embedding_queue as queued on queued.model_used = model.name
        where queued.failed_at is null and not queued.is_unpaid and queued.due_at <= at
    ) or exists (
        select
        from groundwork.embedding_queue as unpaid
        where unpaid.is_unpaid and unpaid.due_at <= at
    );
$$;

-- As many people as are asked for, going round from the one after the given one.
create function groundwork.people_in_embedding_line(wanted_model text, after uuid, most integer, at timestamptz)
returns uuid[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    people uuid[] := '{}'::uuid[];
    person uuid := after;
    is_wrapped boolean := false;
begin
    while cardinality(people) < most loop
        select queued.user_id
        into person
        from groundwork.embedding_queue as queued
        where queued.model_used = wanted_model
            and queued.failed_at is null
            and not queued.is_unpaid
            and queued.user_id > person
            and queued.due_at <= at
        order by queued.user_id
        limit 1;
        if person is null then
            exit when is_wrapped;
            is_wrapped := true;
            person := '00000000-0000-0000-0000-000000000000';
        else
            exit when is_wrapped and person > after;
            people := people || person;
        end if;
    end loop;
    return people;
end
$$;

-- The active one goes first, so that what people write now does not wait behind a move to another model.
create function groundwork.next_embedding_model(wanted_model text, owner_id uuid, at timestamptz)
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
                from groundwork.embedding_queue as queued
                where queued.model_used = known.name
                    and queued.failed_at is null
                    and not queued.is_unpaid
                    and queued.due_at <= at
            )
            and (
                owner_id is null
                or exists (
                    select
                    from groundwork.embedding_queue as queued
                    where queued.model_used = known.name
                        and queued.failed_at is null
                        and not queued.is_unpaid
                        and queued.user_id = owner_id
                        and queued.due_at <= at
                )
            )
        order by known.state = 'active' desc, known.created_at
        limit 1
    );
end
$$;

-- All that they have, as far as it does not take long: nobody else is to wait behind it.
create function groundwork.postpone_unpaid_embeddings(people uuid[], wanted_model text, most integer, at timestamptz)
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
        select theirs.id, debtor.until
        from (
            select given.id, groundwork.unpaid_until(given.id, wanted_model, at) as until
            from unnest(people) as given (id)
        ) as debtor
        cross join lateral (
            select late.id
            from groundwork.embedding_queue as late
            where late.model_used = wanted_model
                and late.failed_at is null
                and not late.is_unpaid
                and late.user_id = debtor.id
                and late.due_at <= at
            limit most
            for update skip locked
        ) as theirs
        -- Unless they have just been given money.
        where debtor.until is not null
        limit most
    ) as unpaid
    where queued.id = unpaid.id;
    get diagnostics postponed = row_count;
    return postponed;
end
$$;

-- The rows of one claim are all of one model. It goes round the people who wait, from the one after whom this session
-- served last: each gets as much of the batch as the others, however much they wrote.
--
-- Security definer: the queue and the models are private; granted to the service role alone.
create function groundwork.claim_embeddings(
    worker text,
    batch_size integer,
    lease_seconds integer,
    wanted_model text,
    owner_id uuid,
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
-- Whatever the statistics say of a queue that was empty a moment ago.
set enable_seqscan = 'off'
set jit = 'off'
as $$
declare
    -- Whatever kills its worker this often is given up.
    most_attempts constant integer := groundwork.most_embedding_attempts();
    most_postponed constant integer := 5000;
    next_model text;
    is_charged boolean;
    -- Of the session, as in pick_ready_jobs().
    person uuid := coalesce(nullif(current_setting('groundwork.embedded_last', true), '')::uuid, gen_random_uuid());
    people uuid[];
    unpaid uuid[] := '{}'::uuid[];
    more_ids bigint[];
    leased_ids bigint[] := '{}'::bigint[];
    missing integer := batch_size;
    postponed integer := 0;
    postponed_now integer;
begin
    if (batch_size between 1 and 1000 and lease_seconds between 1 and 3600) is not true then
        perform groundwork.raise_error('GW901');
    end if;
    if owner_id is not null then
        -- One run of one's own at a time: what is under way is not booked yet, so that many could spend too much.
        perform pg_advisory_xact_lock(20261123, uuid_hash(owner_id));
        if exists (
            select
            from groundwork.embedding_models as known
            join groundwork.embedding_queue as running
                on running.model_used = known.name
                and running.failed_at is null
                and not running.is_unpaid
                and running.user_id = owner_id
                and running.due_at > at
            where running.lease_token is not null
                and running.worker_id like 'embed-own/%'
                and running.worker_id <> worker
        ) then
            return;
        end if;
    end if;
    if exists (select from groundwork.embedding_queue as late where late.is_unpaid and late.due_at <= at) then
        -- A new month has begun.
        update groundwork.embedding_queue
        set is_unpaid = false, last_error = null
        where embedding_queue.id = any(
            array(
                select late.id
                from groundwork.embedding_queue as late
                where late.is_unpaid and late.due_at <= at
                order by late.due_at
                limit most_postponed
                for update skip locked
            )
        );
    end if;
    next_model := groundwork.next_embedding_model(wanted_model, owner_id, at);
    if next_model is null then
        return;
    end if;
    is_charged := groundwork.is_embedding_charged(next_model, at);

    for round in 1..20 loop
        people := case
            when owner_id is null then groundwork.people_in_embedding_line(next_model, person, missing, at)
            else array[owner_id]
        end;
        exit when cardinality(people) = 0;
        person := people[cardinality(people)];
        if is_charged then
            unpaid := array(
                select debtor.id
                from unnest(people) as debtor (id)
                where groundwork.month_room(debtor.id, at) <= 0
            );
        end if;

        with leased as (
            update groundwork.embedding_queue as queued
            set
                attempts = least(queued.attempts + 1, most_attempts),
                lease_token = gen_random_uuid(),
                worker_id = worker,
                due_at = at + make_interval(secs => lease_seconds),
                failed_at = case when queued.attempts >= most_attempts then at end,
                last_error = case
                    when queued.attempts >= most_attempts
                        then coalesce(queued.last_error, 'The worker did not answer.')
                    else queued.last_error
                end
            where queued.id = any(
                array(
                    select picked.id
                    from unnest(people) with ordinality as guest (id, turn)
                    cross join lateral (
                        select waiting.id
                        from groundwork.embedding_queue as waiting
                        where waiting.model_used = next_model
                            and waiting.failed_at is null
                            and not waiting.is_unpaid
                            and waiting.user_id = guest.id
                            and waiting.due_at <= at
                        order by waiting.due_at
                        limit ceil(missing::numeric / cardinality(people))
                        for update skip locked
                    ) as picked
                    where guest.id <> all(unpaid)
                    order by guest.turn
                    limit missing
                )
            )
            returning queued.id
        )
        select coalesce(array_agg(leased.id), '{}') into more_ids from leased;
        leased_ids := leased_ids || more_ids;
        missing := missing - cardinality(more_ids);

        postponed_now := groundwork.postpone_unpaid_embeddings(unpaid, next_model, most_postponed - postponed, at);
        postponed := postponed + postponed_now;
        exit when missing <= 0 or postponed >= most_postponed;
        -- Others are just taking what is left.
        exit when cardinality(more_ids) = 0 and postponed_now = 0 and cardinality(people) < missing;
    end loop;
    perform set_config('groundwork.embedded_last', person::text, false);

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

-- Locks people, then texts, then rows of the queue, in the order in which deleting one of them does; and those rows in
-- the order in which changing many texts does.
--
-- Security definer: the queue and the models are private; granted to the service role alone.
create function groundwork.store_embeddings(results jsonb, at timestamptz)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- As in claim_embeddings().
set enable_seqscan = 'off'
set jit = 'off'
as $$
declare
    most_attempts constant integer := groundwork.most_embedding_attempts();
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
            id bigint,
            lease_token uuid,
            content_hash text,
            embedding text,
            error text
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
            coalesce(given.retryable, true) and queued.attempts < most_attempts as is_retried,
            case
                when given.is_released then coalesce(given.retry_after_seconds, 30)
                else greatest(coalesce(given.retry_after_seconds, 0), least(30 * 2 ^ (queued.attempts - 1), 3600))
            end as pause_seconds,
            left(given.error, 1000) as error
        from jsonb_to_recordset(results) as given (
            id bigint,
            lease_token uuid,
            error text,
            retryable boolean,
            retry_after_seconds double precision,
            is_released boolean
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

-- Security definer: the ledger's sums and the prices are private; granted to the service role alone.
create function groundwork.book_embeddings(wanted_model text, request_id text, usage jsonb, at timestamptz)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- Of one person in one request: whoever counts more than that counts wrong.
    most_tokens constant bigint := 10000000;
    payers uuid[];
begin
    if request_id is null or jsonb_typeof(usage) is distinct from 'array' then
        perform groundwork.raise_error('GW902', 'request_id or usage is missing.');
    end if;
    if not groundwork.is_embedding_charged(wanted_model, at) then
        return;
    end if;
    -- Whoever is just being deleted pays no more.
    payers := array(
        select users.id
        from public.users
        where users.id in (select given.user_id from jsonb_to_recordset(usage) as given (user_id uuid))
        order by users.id
        for key share
    );
    insert into public.budget_entries (
        user_id,
        resource_type,
        cost,
        tokens_used,
        model_used,
        usage_kind,
        quantity,
        price_id,
        provider_request_id,
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
        select given.user_id, least(floor(sum(given.tokens)), most_tokens)::bigint as tokens
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

-- Security definer: what a month has cost is private. It is the caller's own.
create function groundwork.embedding_payer(wanted_model text, at timestamptz)
returns uuid
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    person uuid := groundwork.current_user_id();
begin
    if person is null then
        perform groundwork.raise_error('GW101');
    end if;
    if not groundwork.is_embedding_charged(wanted_model, at) then
        return null;
    end if;
    if groundwork.month_room(person, at) <= 0 then
        perform groundwork.raise_error('GW803');
    end if;
    return person;
end
$$;

-- Security definer: the queue and the models are private; granted to the service role alone.
create function groundwork.add_embedding_model(wanted text)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    of_thoughts bigint;
    of_memories bigint;
begin
    if groundwork.prices_of(wanted, now()) -> 'embedding' is null then
        perform groundwork.raise_error('GW801', format('%s has no price for embedding.', wanted));
    end if;
    -- Nobody writes a text that neither the trigger nor this function would see.
    lock table public.thoughts, public.personal_memories in share row exclusive mode;
    insert into groundwork.embedding_models (name, state) values (wanted, 'filling') on conflict (name) do nothing;

    insert into groundwork.embedding_queue (user_id, thought_id, model_used)
    select thoughts.user_id, thoughts.id, wanted
    from public.thoughts
    where not exists (
        select
        from public.thought_embeddings as kept
        where kept.user_id = thoughts.user_id and kept.thought_id = thoughts.id and kept.model_used = wanted
    )
    on conflict (model_used, user_id, thought_id, memory_id) do nothing;
    get diagnostics of_thoughts = row_count;

    insert into groundwork.embedding_queue (user_id, memory_id, model_used)
    select memories.user_id, memories.id, wanted
    from public.personal_memories as memories
    where not exists (
        select
        from public.memory_embeddings as kept
        where kept.user_id = memories.user_id and kept.memory_id = memories.id and kept.model_used = wanted
    )
    on conflict (model_used, user_id, thought_id, memory_id) do nothing;
    get diagnostics of_memories = row_count;
    return of_thoughts + of_memories;
end
$$;

-- Security definer: the queue and the models are private; granted to the service role alone.
create function groundwork.switch_embedding_model(wanted text, is_forced boolean)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    missing bigint;
begin
    perform from groundwork.embedding_models order by name for no key update;
    perform from groundwork.embedding_models where name = wanted;
    if not found then
        perform groundwork.raise_error('GW903', format('There is no model %s.', wanted));
    end if;
    if wanted = groundwork.active_embedding_model() then
        return;
    end if;
    select count(*) into missing from groundwork.embedding_queue where model_used = wanted;
    if missing > 0 and not is_forced then
        perform groundwork.raise_error('GW904', format('%s vectors of %s are missing.', missing, wanted));
    end if;
    update groundwork.embedding_models set state = 'former' where state = 'active' and name <> wanted;
    update groundwork.embedding_models set state = 'active' where name = wanted;
    -- What the former one costs is nobody's to pay any more.
    perform groundwork.recheck_unpaid_embeddings(null);
end
$$;

-- Security definer: the queue and the models are private; granted to the service role alone.
create function groundwork.drop_embedding_model(wanted text, batch_size integer)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    of_thoughts bigint;
    of_memories bigint;
begin
    -- Nobody makes it the active one meanwhile.
    perform from groundwork.embedding_models order by name for no key update;
    if wanted = groundwork.active_embedding_model() then
        perform groundwork.raise_error('GW905');
    end if;
    -- First, so that nothing new is queued for it.
    delete from groundwork.embedding_models where name = wanted;
    delete from public.circle_embeddings where model_used = wanted;
    delete from public.thought_embeddings as kept
    where kept.ctid = any(
        array(select ctid from public.thought_embeddings where model_used = wanted limit batch_size)
    );
    get diagnostics of_thoughts = row_count;
    delete from public.memory_embeddings as kept
    where kept.ctid = any(
        array(select ctid from public.memory_embeddings where model_used = wanted limit batch_size - of_thoughts)
    );
    get diagnostics of_memories = row_count;
    return of_thoughts + of_memories;
end
$$;

-- Security definer: the queue is private. Whose rows are counted is decided here.
create function groundwork.embedding_health()
returns table (
    kind text,
    model text,
    state text,
    embedded bigint,
    missing bigint,
    stale bigint,
    failed bigint,
    unpaid bigint,
    oldest timestamptz
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    person uuid := groundwork.current_user_id();
    -- The role of the request, whatever this function runs as.
    sees_all boolean := current_setting('role', true) = 'service_role';
begin
    if person is null and sees_all is not true then
        return;
    end if;
    return query
    select
        kinds.kind,
        models.name::text,
        models.state::text,
        case kinds.kind
            when 'thought' then (
                select count(*)
                from public.thought_embeddings as kept
                where kept.model_used = models.name and (sees_all or kept.user_id = person)
            )
            else (
                select count(*)
                from public.memory_embeddings as kept
                where kept.model_used = models.name and (sees_all or kept.user_id = person)
            )
        end - coalesce(waiting.stale, 0),
        coalesce(waiting.missing, 0),
        coalesce(waiting.stale, 0),
        coalesce(waiting.failed, 0),
        coalesce(waiting.unpaid, 0),
        waiting.oldest
    from groundwork.embedding_models as models
    cross join (values ('thought'), ('memory')) as kinds (kind)
    cross join lateral (
        select
            count(*) filter (where not queued.has_vector) as missing,
            count(*) filter (where queued.has_vector) as stale,
            count(*) filter (where queued.failed_at is not null) as failed,
            count(*) filter (where queued.is_unpaid) as unpaid,
            min(queued.created_at) as oldest
        from (
            select
                row.failed_at,
                row.is_unpaid,
                row.created_at,
                exists (
                    select
                    from public.thought_embeddings as kept
                    where kept.user_id = row.user_id
                        and kept.thought_id = row.thought_id
                        and kept.model_used = row.model_used
                )
                or exists (
                    select
                    from public.memory_embeddings as kept
                    where kept.user_id = row.user_id
                        and kept.memory_id = row.memory_id
                        and kept.model_used = row.model_used
                ) as has_vector
            from groundwork.embedding_queue as row
            where row.model_used = models.name
                and (sees_all or row.user_id = person)
                and (row.thought_id is not null) = (kinds.kind = 'thought')
        ) as queued
    ) as waiting;
end
$$;

-- Security definer: whoever rings does not read the queue.
create function groundwork.ring_embedder(at timestamptz default now())
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not groundwork.has_embedding_work(at) then
        return null;
    end if;
    -- One that is at work claims until nothing is left. A move to another model is none: it leaves other models alone.
    if exists (
        select
        from groundwork.embedding_queue
        where lease_token is not null and due_at > at and worker_id like 'embed/%'
    ) then
        return null;
    end if;
    return groundwork.call_edge_function('embed');
end
$$;

create function groundwork.schedule_embedder()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if to_regprocedure('cron.schedule(text, text, text)') is null or to_regproc('net.http_post') is null then
        return;
    end if;
    execute format(
        $query$select %I.schedule('groundwork_embed', '10 seconds', 'select groundwork.ring_embedder()')$query$,
        'cron'
    );
end
$$;

-- Security definer: as above.
create function groundwork.retry_failed_embeddings(at timestamptz)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    retried bigint;
begin
    update groundwork.embedding_queue
    set failed_at = null, attempts = 0, due_at = at, lease_token = null
    where failed_at is not null;
    get diagnostics retried = row_count;
    if retried > 0 then
        perform groundwork.wake_listeners();
    end if;
    return retried;
end
$$;

-- Security definer: as above.
create function groundwork.get_embedding_models()
returns table (name text, state text)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select models.name::text, models.state::text
    from groundwork.embedding_models as models
    order by models.created_at, models.name;
end
$$;

create function public.embedding_health()
returns table (
    kind text,
    model text,
    state text,
    embedded bigint,
    missing bigint,
    stale bigint,
    failed bigint,
    unpaid bigint,
    oldest timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select * from groundwork.embedding_health();
$$;

create function public.get_embedding_models()
returns table (name text, state text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select * from groundwork.get_embedding_models();
$$;

create function public.claim_embeddings(
    worker_id text,
    batch_size integer default 100,
    lease_seconds integer default 120,
    model text default null,
    owner_id uuid default null
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
    select * from groundwork.claim_embeddings(worker_id, batch_size, lease_seconds, model, owner_id, now());
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

create function public.book_embeddings(model text, request_id text, usage jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform groundwork.book_embeddings(model, request_id, usage, now());
end
$$;

create function public.embedding_payer(model text)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.embedding_payer(model, now());
end
$$;

create function public.retry_failed_embeddings()
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.retry_failed_embeddings(now());
end
$$;

create function public.add_embedding_model(name text)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.add_embedding_model(name);
end
$$;

create function public.switch_embedding_model(name text, is_forced boolean default false)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform groundwork.switch_embedding_model(name, is_forced);
end
$$;

create function public.drop_embedding_model(name text, batch_size integer default 10000)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.drop_embedding_model(name, batch_size);
end
$$;

-- Triggers ------------------------------------------------------------------------------------------------------------

create trigger queue_inserted_thoughts
after insert on public.thoughts
referencing new table as new_thoughts
for each statement
execute function groundwork.queue_thoughts_for_embedding();

create trigger queue_changed_thoughts
after update on public.thoughts
referencing old table as old_thoughts new table as new_thoughts
for each statement
execute function groundwork.queue_thoughts_for_embedding();

create trigger queue_inserted_memories
after insert on public.personal_memories
referencing new table as new_memories
for each statement
execute function groundwork.queue_memories_for_embedding();

create trigger queue_changed_memories
after update on public.personal_memories
referencing old table as old_memories new table as new_memories
for each statement
execute function groundwork.queue_memories_for_embedding();

create trigger wake_unpaid_embeddings
after update of is_anonymous on public.users
for each row
when (old.is_anonymous and not new.is_anonymous)
execute function groundwork.wake_unpaid_embeddings();

create trigger wake_unpaid_embeddings
after update on groundwork.monthly_spends
for each row
when (new.spent < old.spent)
execute function groundwork.wake_unpaid_embeddings();

create trigger wake_unpaid_embeddings
after insert or update or delete on public.user_spend_limits
for each row
execute function groundwork.wake_unpaid_embeddings();

create trigger wake_unpaid_embeddings
after update of monthly_limit on groundwork.agent_settings
for each row
execute function groundwork.wake_unpaid_embeddings();

-- Row-level security --------------------------------------------------------------------------------------------------

-- No policy: only definer functions read and write them.
alter table groundwork.embedding_models enable row level security;
alter table groundwork.embedding_queue enable row level security;

-- Grants --------------------------------------------------------------------------------------------------------------

revoke all on table groundwork.embedding_models from public, anon, authenticated, service_role;
revoke all on table groundwork.embedding_queue from public, anon, authenticated, service_role;
revoke all on sequence groundwork.embedding_queue_id_seq from public, anon, authenticated, service_role;

revoke all on function groundwork.content_hash(text) from public, anon, authenticated, service_role;
revoke all on function groundwork.active_embedding_model() from public, anon, authenticated, service_role;
revoke all on function groundwork.queue_thoughts_for_embedding() from public, anon, authenticated, service_role;
revoke all on function groundwork.queue_memories_for_embedding() from public, anon, authenticated, service_role;
revoke all on function groundwork.has_embedding_work(timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.people_in_embedding_line(text, uuid, integer, timestamptz)
from public, anon, authenticated, service_role;
revoke all on function groundwork.next_embedding_model(text, uuid, timestamptz)
from public, anon, authenticated, service_role;
revoke all on function groundwork.postpone_unpaid_embeddings(uuid[], text, integer, timestamptz)
from public, anon, authenticated, service_role;
revoke all on function groundwork.claim_embeddings(text, integer, integer, text, uuid, timestamptz)
from public, anon, authenticated, service_role;
revoke all on function groundwork.store_embeddings(jsonb, timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.is_embedding_charged(text, timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.unpaid_until(uuid, text, timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.wanted_embeddings(uuid[], timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.queue_for_embedding(uuid[], bigint[], uuid[])
from public, anon, authenticated, service_role;
revoke all on function groundwork.recheck_unpaid_embeddings(uuid) from public, anon, authenticated, service_role;
revoke all on function groundwork.wake_unpaid_embeddings() from public, anon, authenticated, service_role;
revoke all on function groundwork.most_embedding_attempts() from public, anon, authenticated, service_role;
revoke all on function groundwork.book_embeddings(text, text, jsonb, timestamptz)
from public, anon, authenticated, service_role;
revoke all on function groundwork.embedding_payer(text, timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.add_embedding_model(text) from public, anon, authenticated, service_role;
revoke all on function groundwork.switch_embedding_model(text, boolean) from public, anon, authenticated, service_role;
revoke all on function groundwork.drop_embedding_model(text, integer) from public, anon, authenticated, service_role;
revoke all on function groundwork.retry_failed_embeddings(timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.get_embedding_models() from public, anon, authenticated, service_role;
revoke all on function groundwork.embedding_health() from public, anon, authenticated, service_role;
revoke all on function groundwork.ring_embedder(timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.schedule_embedder() from public, anon, authenticated, service_role;
revoke all on function public.embedding_health() from public, anon, authenticated, service_role;
revoke all on function public.get_embedding_models() from public, anon, authenticated, service_role;
revoke all on function public.claim_embeddings(text, integer, integer, text, uuid)
from public, anon, authenticated, service_role;
revoke all on function public.store_embeddings(jsonb) from public, anon, authenticated, service_role;
revoke all on function public.book_embeddings(text, text, jsonb) from public, anon, authenticated, service_role;
revoke all on function public.embedding_payer(text) from public, anon, authenticated, service_role;
revoke all on function public.retry_failed_embeddings() from public, anon, authenticated, service_role;
revoke all on function public.add_embedding_model(text) from public, anon, authenticated, service_role;
revoke all on function public.switch_embedding_model(text, boolean) from public, anon, authenticated, service_role;
revoke all on function public.drop_embedding_model(text, integer) from public, anon, authenticated, service_role;

grant execute on function groundwork.active_embedding_model() to authenticated, service_role;
grant execute on function groundwork.claim_embeddings(text, integer, integer, text, uuid, timestamptz) to service_role;
grant execute on function groundwork.store_embeddings(jsonb, timestamptz) to service_role;
grant execute on function groundwork.book_embeddings(text, text, jsonb, timestamptz) to service_role;
grant execute on function groundwork.embedding_payer(text, timestamptz) to authenticated;
grant execute on function groundwork.add_embedding_model(text) to service_role;
grant execute on function groundwork.switch_embedding_model(text, boolean) to service_role;
grant execute on function groundwork.drop_embedding_model(text, integer) to service_role;
grant execute on function groundwork.retry_failed_embeddings(timestamptz) to service_role;
grant execute on function groundwork.get_embedding_models() to service_role;
grant execute on function groundwork.embedding_health() to authenticated, service_role;
grant execute on function public.embedding_health() to authenticated, service_role;
grant execute on function public.get_embedding_models() to service_role;
grant execute on function public.claim_embeddings(text, integer, integer, text, uuid) to service_role;
grant execute on function public.store_embeddings(jsonb) to service_role;
grant execute on function public.book_embeddings(text, text, jsonb) to service_role;
grant execute on function public.embedding_payer(text) to authenticated;
grant execute on function public.retry_failed_embeddings() to service_role;
grant execute on function public.add_embedding_model(text) to service_role;
grant execute on function public.switch_embedding_model(text, boolean) to service_role;
grant execute on function public.drop_embedding_model(text, integer) to service_role;

-- Data ----------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    (
        'GW803',
        429,
        'What you may spend this month is spent.',
        'Wait for the next month (UTC), or ask the operator for a higher monthly_limit. Guests may spend nothing.'
    ),
    (
        'GW901',
        400,
        'batch_size or lease_seconds is out of range.',
        'batch_size is 1 to 1000, lease_seconds 1 to 3600.'
    ),
    ('GW902', 400, 'These are no results of embedding.', 'See the details, and the comment on store_embeddings().'),
    ('GW903', 404, 'There is no such embedding model.', 'Add it with add_embedding_model(name), or npm run reembed.'),
    (
        'GW904',
        409,
        'This embedding model has no vector of some texts yet.',
        'Wait until embedding_health shows none missing; failed ones are tried again by retry_failed_embeddings().'
    ),
    ('GW905', 409, 'The active embedding model can''t be dropped.', 'Switch to another one first.');

-- What needs no key and no network. npm run reembed moves to another one.
insert into groundwork.embedding_models (name, state) values ('groundwork-lexical-1', 'active');

-- What was written before this migration.
insert into groundwork.embedding_queue (user_id, thought_id, model_used)
select thoughts.user_id, thoughts.id, 'groundwork-lexical-1'
from public.thoughts;
insert into groundwork.embedding_queue (user_id, memory_id, model_used)
select memories.user_id, memories.id, 'groundwork-lexical-1'
from public.personal_memories as memories;

select groundwork.schedule_embedder();

-- Comments ------------------------------------------------------------------------------------------------------------

comment on type groundwork.embedding_model_state is
    'filling → active by switch_embedding_model(), when all vectors are there; active → former when another one is. '
    'Texts get vectors of all three, so that switching back is possible at any time.';

comment on table groundwork.embedding_models is
    'The models that texts get vectors of. Search uses those of the active one.';
comment on column groundwork.embedding_models.name is
    'As its provider names it; groundwork-lexical-1 is the vectorizer that needs none.';

comment on table groundwork.embedding_queue is 'The thoughts and memories that have no vector of their present text yet.';
comment on column groundwork.embedding_queue.attempts is 'Claims so far; after 8 without success it is given up.';
comment on column groundwork.embedding_queue.due_at is
    'When it is claimed next: after the lease, a pause after a failure, or when there may be money for it.';
comment on column groundwork.embedding_queue.is_unpaid is 'It waits because the month of its person is spent.';
comment on column groundwork.embedding_queue.failed_at is 'Given up, until the text changes or retry_failed_embeddings().';

comment on function groundwork.content_hash(text) is 'SHA-256 of the text in UTF-8, in lower-case hexadecimal.';
comment on function groundwork.active_embedding_model() is 'The model whose vectors are searched.';
comment on function groundwork.queue_thoughts_for_embedding() is 'Trigger: new and changed thoughts need vectors.';
comment on function groundwork.queue_memories_for_embedding() is 'Trigger: new and changed memories need vectors.';
comment on function groundwork.has_embedding_work(timestamptz) is 'Whether a text waits that is due.';
comment on function groundwork.people_in_embedding_line(text, uuid, integer, timestamptz) is
    'People with texts that are due for the model.';
comment on function groundwork.next_embedding_model(text, uuid, timestamptz) is
    'The given model, or else the first of all, that the given person''s texts, or else anybody''s, are due for.';
comment on function groundwork.postpone_unpaid_embeddings(uuid[], text, integer, timestamptz) is
    'Has texts of people whose month is spent wait for money. Answers how many.';
comment on function groundwork.claim_embeddings(text, integer, integer, text, uuid, timestamptz) is
    'What public.claim_embeddings() does.';
comment on function groundwork.store_embeddings(jsonb, timestamptz) is 'What public.store_embeddings() does.';
comment on function groundwork.is_embedding_charged(text, timestamptz) is
    'Whether people pay for vectors of this model: the active one, if it has a price.';
comment on function groundwork.unpaid_until(uuid, text, timestamptz) is
    'Until when texts of the person have to wait for money, if at all: the month is spent, and the model costs '
    'something.';
comment on function groundwork.wanted_embeddings(uuid[], timestamptz) is
    'For each of these people and each model, when a text that they write now is to be embedded.';
comment on function groundwork.queue_for_embedding(uuid[], bigint[], uuid[]) is
    'New and changed texts need vectors of every model.';
comment on function groundwork.recheck_unpaid_embeddings(uuid) is
    'Has the person''s texts looked at again that waited for money; null for everybody''s.';
comment on function groundwork.wake_unpaid_embeddings() is 'Trigger: somebody may spend more.';
comment on function groundwork.most_embedding_attempts() is 'After how many claims without success a text is given up.';
comment on function groundwork.book_embeddings(text, text, jsonb, timestamptz) is
    'What public.book_embeddings() does.';
comment on function groundwork.embedding_payer(text, timestamptz) is 'What public.embedding_payer() answers.';
comment on function groundwork.add_embedding_model(text) is 'What public.add_embedding_model() does.';
comment on function groundwork.switch_embedding_model(text, boolean) is 'What public.switch_embedding_model() does.';
comment on function groundwork.drop_embedding_model(text, integer) is 'What public.drop_embedding_model() does.';
comment on function groundwork.retry_failed_embeddings(timestamptz) is 'What public.retry_failed_embeddings() does.';
comment on function groundwork.get_embedding_models() is 'What public.get_embedding_models() does.';
comment on function groundwork.embedding_health() is 'What public.embedding_health() answers.';
comment on function groundwork.ring_embedder(timestamptz) is
    'Calls the Edge Function embed if a text waits and none is being embedded. Answers as call_edge_function().';
comment on function groundwork.schedule_embedder() is 'Rings every ten seconds. Does nothing without pg_cron and pg_net.';
comment on function public.embedding_health() is
    'Texts by kind and model: with a vector, without one (missing), with one of a former text (stale), given up '
    '(failed) and waiting for money (unpaid, both among the missing and stale), and since when the oldest waits. The '
    'caller''s own; for the service role, everybody''s.';
comment on function public.get_embedding_models() is 'Service role only: name and state of each embedding model.';
comment on function public.claim_embeddings(text, integer, integer, text, uuid) is
    'Service role only: leases up to batch_size (1000) texts for lease_seconds (3600), all for one model: the given '
    'one, or the active one before others. owner_id restricts it to one person. Texts of people whose month is spent '
    'wait for the next one if the model costs them something. Error: GW901.';
comment on function public.store_embeddings(jsonb) is
    'Service role only: results of claimed texts, [{"id", "lease_token", "content_hash", "embedding": "[…1536 '
    'numbers]"} or {"id", "lease_token", "error", "retryable", "retry_after_seconds", "is_released"}…]. Answers '
    '{"stored", "failed", "dropped"}: dropped are those whose lease is lost or whose text has changed. A failed one '
    'waits 30 seconds, twice as long each time up to an hour, and is given up after 8 attempts, or at once if not '
    'retryable. A released one waits 30 seconds unless told, and it was no attempt: its text was not at fault. '
    'Error: GW902.';
comment on function public.book_embeddings(text, text, jsonb) is
    'Service role only: books what one request to the model used, [{"user_id", "tokens"}…], once for each request_id. '
    'Nothing unless the model is the active one and has a price.';
comment on function public.embedding_payer(text) is
    'Asked before a query is embedded by this model: the caller, who pays for it, or null if nobody does. Errors: '
    'GW101, GW803 if their month is spent.';
comment on function public.retry_failed_embeddings() is
    'Service role only: texts that were given up are due again. Answers how many.';
comment on function public.add_embedding_model(text) is
    'Service role only: every text gets a vector of this model too, from now on. Answers how many texts were queued; '
    'repeating it is safe. Nobody writes thoughts or memories while it runs. Error: GW801 if the model has no price.';
comment on function public.switch_embedding_model(text, boolean) is
    'Service role only: search uses the vectors of this model from now on. Errors: GW903, and GW904 while some are '
    'missing, unless is_forced.';
comment on function public.drop_embedding_model(text, integer) is
    'Service role only: forgets the model, and deletes up to batch_size of its vectors. Answers how many; 0 when none '
    'are left. Error: GW905.';
