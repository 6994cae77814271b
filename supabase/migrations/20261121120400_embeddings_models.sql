-- Embeddings, models: the move from one model to another, and its progress.
-- Needs: helpers, identity, care_loop, memories, ledger, jobs_money, embeddings_tables, embeddings_queue.

-- Security definer: only the service role may call it, and that role may not read the models directly.
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

create function public.get_embedding_models()
returns table (name text, state text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select * from groundwork.get_embedding_models();
$$;

comment on function public.get_embedding_models() is
    'Service role only. Returns the name and the state of each embedding model.';

-- Security definer: only the service role may call it, and that role may not write the models directly.
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
    -- Without the lock, a text could be written that neither the trigger nor this function sees.
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

create function public.add_embedding_model(name text)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.add_embedding_model(name);
end
$$;

comment on function public.add_embedding_model(text) is
    'Service role only. From now on, every text gets an embedding of this model, too. Returns how many texts were '
    'queued. Repeating the call is safe. Nobody can write thoughts or memories while it runs. Error: GW801 if the '
    'model has no price.';

-- Security definer: only the service role may call it, and that role may not write the models directly.
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
    -- Users no longer pay for the former model.
    perform groundwork.recheck_unpaid_embeddings(null);
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

comment on function public.switch_embedding_model(text, boolean) is
    'Service role only. From now on, searches use the embeddings of this model. Errors: GW903 if there is no such '
    'model, GW904 if some embeddings are missing and is_forced is false.';

-- Security definer: only the service role may call it, and that role may not write the models directly.
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
    -- The locks keep other sessions from making the model active in the meantime.
    perform from groundwork.embedding_models order by name for no key update;
    if wanted = groundwork.active_embedding_model() then
        perform groundwork.raise_error('GW905');
    end if;
    -- The model is deleted first, so that nothing new is queued for it.
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

create function public.drop_embedding_model(name text, batch_size integer default 10000)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.drop_embedding_model(name, batch_size);
end
$$;

comment on function public.drop_embedding_model(text, integer) is
    'Service role only. Deletes the model and up to batch_size of its embeddings. Returns how many embeddings it '
    'deleted; 0 when none are left. Error: GW905.';

-- Security definer: only the service role may call it, and that role may not write the queue directly.
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

create function public.retry_failed_embeddings()
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.retry_failed_embeddings(now());
end
$$;

comment on function public.retry_failed_embeddings() is
    'Service role only. Makes texts due again that were given up. Returns how many.';

-- Security definer: the roles of the API may not read the queue. The function decides whose rows it counts.
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
    caller_id uuid := groundwork.current_user_id();
    -- This is the role of the request, and not the role that this function runs as.
    sees_all boolean := current_setting('role', true) = 'service_role';
begin
    if caller_id is null and sees_all is not true then
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
                where kept.model_used = models.name and (sees_all or kept.user_id = caller_id)
            )
            else (
                select count(*)
                from public.memory_embeddings as kept
                where kept.model_used = models.name and (sees_all or kept.user_id = caller_id)
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
                and (sees_all or row.user_id = caller_id)
                and (row.thought_id is not null) = (kinds.kind = 'thought')
        ) as queued
    ) as waiting;
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

comment on function public.embedding_health() is
    'Returns how many texts there are by kind and model. embedded: with a current embedding. missing: without an '
    'embedding. stale: with an embedding of a former text. failed: given up. unpaid: waiting for money. Failed and '
    'unpaid texts are also counted as missing or stale. oldest is the time since when the oldest text waits. It '
    'counts the texts of the caller. For the service role it counts those of all users.';

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    ('GW903', 404, 'There is no such embedding model.', 'Add it with add_embedding_model(name), or npm run reembed.'),
    (
        'GW904', 409, 'This embedding model has no vector of some texts yet.',
        'Wait until embedding_health shows none missing; failed ones are tried again by retry_failed_embeddings().'
    ),
    ('GW905', 409, 'The active embedding model can''t be dropped.', 'Switch to another one first.');

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.get_embedding_models, groundwork.add_embedding_model, groundwork.switch_embedding_model,
    groundwork.drop_embedding_model, groundwork.retry_failed_embeddings, groundwork.embedding_health,
    public.get_embedding_models(),
    public.add_embedding_model(text),
    public.switch_embedding_model(text, boolean),
    public.drop_embedding_model(text, integer),
    public.retry_failed_embeddings(),
    public.embedding_health()
from public, anon, authenticated, service_role;

grant execute on function
    groundwork.get_embedding_models,
    public.get_embedding_models(),
    groundwork.add_embedding_model,
    public.add_embedding_model(text),
    groundwork.switch_embedding_model,
    public.switch_embedding_model(text, boolean),
    groundwork.drop_embedding_model,
    public.drop_embedding_model(text, integer),
    groundwork.retry_failed_embeddings,
    public.retry_failed_embeddings()
to service_role;

grant execute on function
    groundwork.embedding_health,
    public.embedding_health()
to authenticated, service_role;
