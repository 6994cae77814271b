-- Embeddings, queue: which texts wait for an embedding, and who pays for it.
-- Needs: helpers, identity, care_loop, memories, ledger, jobs_money, embeddings_tables.
-- Adds to: thoughts, personal_memories, users, monthly_spends, user_spend_limits, settings.

-- Returns whether users pay for embeddings of this model. They pay for those of the active model, if its price is not
-- 0. The embeddings of other models are made for a move to another model, and the operator pays for them.
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

-- Returns when a user whose monthly limit is used up can have texts embedded again; null if they can now. It is the
-- next month, or never if their limit is 0. If the user gets more money before that, a trigger wakes their texts.
create function groundwork.unpaid_until(for_user_id uuid, wanted_model text, at timestamptz)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not groundwork.is_embedding_charged(wanted_model, at) or groundwork.month_room(for_user_id, at) > 0 then
        return null;
    end if;
    if groundwork.spend_limit_of(for_user_id) = 0 then
        return 'infinity'::timestamptz;
    end if;
    return (groundwork.month_of(at) + interval '1 month') at time zone 'UTC';
end
$$;

-- Returns when a text that one of these users writes now is to be embedded, for each user and model. It locks the
-- models, so that none is dropped before the texts are queued for it.
create function groundwork.wanted_embeddings(user_ids uuid[], at timestamptz)
returns table (user_id uuid, model text, due_at timestamptz, is_unpaid boolean)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select given.user_id, known.name::text, coalesce(unpaid.until, at), unpaid.until is not null
    from unnest(user_ids) as given (user_id)
    cross join groundwork.embedding_models as known
    cross join lateral (select groundwork.unpaid_until(given.user_id, known.name, at) as until) as unpaid
    for key share of known;
end
$$;

-- Queues new and changed texts for an embedding of every model. The three arrays have one element for each text, and a
-- text is a thought or a memory.
create function groundwork.queue_for_embedding(user_ids uuid[], thought_ids bigint[], memory_ids uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
-- The foreign keys look up the text of every row. The statistics do not count the texts that the same statement has
-- written, so a plan that relies on them would read all texts for each row.
set enable_seqscan = 'off'
set jit = 'off'
as $$
begin
    if user_ids is null then
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
    from unnest(user_ids, thought_ids, memory_ids) as written (user_id, thought_id, memory_id)
    join groundwork.wanted_embeddings(array(select distinct unnest(user_ids)), now()) as wanted
        on wanted.user_id = written.user_id
    order by written.thought_id, written.memory_id, wanted.model
    -- The text has changed. A lease on its former content ends here, and a result for that content is dropped.
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

-- Trigger: queues new and changed thoughts for embedding.
--
-- Security definer: users may not write the queue.
create function groundwork.queue_thoughts_for_embedding()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    user_ids uuid[];
    ids bigint[];
begin
    if tg_op = 'INSERT' then
        select array_agg(written.user_id), array_agg(written.id)
        into user_ids, ids
        from new_thoughts as written;
    else
        select array_agg(changed.user_id), array_agg(changed.id)
        into user_ids, ids
        from (
            -- No join: Postgres keeps the plan, and a plan that was made for one row would be a nested loop.
            select user_id, id, groundwork.content_hash(thought_text) from new_thoughts
            except
            select user_id, id, groundwork.content_hash(thought_text) from old_thoughts
        ) as changed;
    end if;
    perform groundwork.queue_for_embedding(user_ids, ids, null);
    return null;
end
$$;

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

-- Trigger: queues new and changed memories for embedding.
--
-- Security definer: users may not write the queue.
create function groundwork.queue_memories_for_embedding()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    user_ids uuid[];
    ids uuid[];
begin
    if tg_op = 'INSERT' then
        select array_agg(written.user_id), array_agg(written.id)
        into user_ids, ids
        from new_memories as written;
    else
        select array_agg(changed.user_id), array_agg(changed.id)
        into user_ids, ids
        from (
            select user_id, id, groundwork.content_hash(content) from new_memories
            except
            select user_id, id, groundwork.content_hash(content) from old_memories
        ) as changed;
    end if;
    perform groundwork.queue_for_embedding(user_ids, null, ids);
    return null;
end
$$;

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

-- This queues the texts that were written before this migration.
insert into groundwork.embedding_queue (user_id, thought_id, model_used)
select thoughts.user_id, thoughts.id, known.name
from public.thoughts
cross join groundwork.embedding_models as known
where not exists (
    select
    from public.thought_embeddings as kept
    where kept.user_id = thoughts.user_id and kept.thought_id = thoughts.id and kept.model_used = known.name
)
on conflict (model_used, user_id, thought_id, memory_id) do nothing;

insert into groundwork.embedding_queue (user_id, memory_id, model_used)
select memories.user_id, memories.id, known.name
from public.personal_memories as memories
cross join groundwork.embedding_models as known
where not exists (
    select
    from public.memory_embeddings as kept
    where kept.user_id = memories.user_id and kept.memory_id = memories.id and kept.model_used = known.name
)
on conflict (model_used, user_id, thought_id, memory_id) do nothing;

-- Makes texts of the user due again that waited for money. With null, it does so for all users.
create function groundwork.recheck_unpaid_embeddings(for_user_id uuid)
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
            where unpaid.is_unpaid and (for_user_id is null or unpaid.user_id = for_user_id)
            order by unpaid.thought_id, unpaid.memory_id, unpaid.model_used
            for update
        )
    );
    if found then
        perform groundwork.wake_listeners();
    end if;
end
$$;

-- Trigger: makes unpaid texts due again when a user may spend more. Its argument names the column with the id of the
-- user. Without an argument it is for all users.
--
-- Security definer: a role that changes a limit or a sum may not write the queue.
create function groundwork.wake_unpaid_embeddings()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform groundwork.recheck_unpaid_embeddings((to_jsonb(coalesce(new, old)) ->> tg_argv[0])::uuid);
    return null;
end
$$;

create trigger wake_unpaid_embeddings
after update of is_anonymous on public.users
for each row
when (old.is_anonymous and not new.is_anonymous)
execute function groundwork.wake_unpaid_embeddings('id');

create trigger wake_unpaid_embeddings
after update on groundwork.monthly_spends
for each row
when (new.spent < old.spent)
execute function groundwork.wake_unpaid_embeddings('user_id');

create trigger wake_unpaid_embeddings
after insert or update or delete on public.user_spend_limits
for each row
execute function groundwork.wake_unpaid_embeddings('user_id');

create trigger wake_unpaid_embeddings
after update of monthly_limit on groundwork.settings
for each row
execute function groundwork.wake_unpaid_embeddings();

-- Security definer: the roles of the API may not read the sums of the month. This function reads those of the caller
-- only.
create function groundwork.embedding_payer(wanted_model text, at timestamptz)
returns uuid
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    caller_id uuid := groundwork.current_user_id();
begin
    if caller_id is null then
        perform groundwork.raise_error('GW101');
    end if;
    if not groundwork.is_embedding_charged(wanted_model, at) then
        return null;
    end if;
    if groundwork.month_room(caller_id, at) <= 0 then
        perform groundwork.raise_error('GW803');
    end if;
    return caller_id;
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

comment on function public.embedding_payer(text) is
    'Returns who pays when a query is embedded by this model: the caller, or null if nobody pays. Call it before the '
    'query is embedded. Errors: GW101, GW803 if the caller''s monthly limit is used up.';

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values (
    'GW803', 429, 'What you may spend this month is spent.',
    'Wait for the next month (UTC), or ask the operator for a higher monthly_limit. Guests may spend nothing.'
);

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.is_embedding_charged, groundwork.unpaid_until, groundwork.wanted_embeddings,
    groundwork.queue_for_embedding, groundwork.queue_thoughts_for_embedding, groundwork.queue_memories_for_embedding,
    groundwork.recheck_unpaid_embeddings, groundwork.wake_unpaid_embeddings, groundwork.embedding_payer,
    public.embedding_payer(text)
from public, anon, authenticated, service_role;

grant execute on function
    groundwork.embedding_payer,
    public.embedding_payer(text)
to authenticated;
