-- Consolidating: an agent finds memories that say the same or contradict each other.
-- Needs: helpers, identity, memories, jobs_tables, jobs_exchange, jobs_api, embeddings_tables.
-- Adds to: agent_types, agent_jobs.

insert into groundwork.agent_types (name, purpose, required_inputs, inputs, default_max_cost)
values (
    'memory_keeper',
    'Compares memories: it merges those that say the same, and ends those that newer ones contradict.',
    '{}',
    '{"memory_ids": "array"}',
    0.25
)
on conflict (name) do nothing;

-- groundwork.consolidated_memories ------------------------------------------------------------------------------------

-- It is a table of its own, because a comparison does not change a memory, and so must not change its updated_at.
create table groundwork.consolidated_memories (
    user_id uuid not null
        constraint consolidated_memories_user_id_fkey references public.users (id) on delete cascade,
    memory_id uuid not null,
    content_hash text not null,
    consolidated_at timestamptz not null default now(),
    constraint consolidated_memories_pkey primary key (user_id, memory_id),
    constraint consolidated_memories_user_id_memory_id_fkey
        foreign key (user_id, memory_id) references public.personal_memories (user_id, id) on delete cascade
);

comment on table groundwork.consolidated_memories is
    'The memories that a memory_keeper has compared with similar ones. A memory whose content has changed is compared '
    'again.';
comment on column groundwork.consolidated_memories.content_hash is 'The hash of the content that was compared.';

-- No policy: only definer functions read and write it.
alter table groundwork.consolidated_memories enable row level security;

revoke all on table groundwork.consolidated_memories from public, anon, authenticated, service_role;

-- Returns each memory whose present content was not compared yet, with the memories that are nearest to it and were
-- true at the same time. It requires the lease of the job.
--
-- Security definer: the service role may not read leases. A worker gets only the memories of the user of its job.
create function groundwork.get_memories_to_consolidate(for_job uuid, token uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
    max_memories constant integer := 100;
    max_neighbours constant integer := 5;
    -- This many memories with the nearest codes are compared by their embeddings.
    max_codes constant integer := 100;
    -- Memories that are less similar neither repeat nor contradict each other.
    min_similarity constant double precision := 0.25;
    -- A memory is a sentence or a few. A longer text is not compared.
    max_content_length constant integer := 4000;
    model text := groundwork.active_embedding_model();
    for_user_id uuid;
    wanted uuid[];
    answer jsonb;
begin
    select
        lease.user_id,
        (
            select array_agg(given.id::uuid)
            from jsonb_array_elements_text(job.input_data -> 'memory_ids') as given (id)
        )
    into for_user_id, wanted
    from groundwork.leases as lease
    join public.agent_jobs as job on job.id = lease.job_id
    where lease.lease_token = token and lease.job_id = for_job and job.agent_type = 'memory_keeper';
    if not found then
        perform groundwork.raise_error('GW703', format('Job %s.', for_job));
    end if;

    with unseen as materialized (
        select memory.id, memory.valid_from, memory.valid_to, memory.created_at, kept.embedding, kept.code
        from public.personal_memories as memory
        left join public.memory_embeddings as kept
            on kept.user_id = for_user_id
            and kept.memory_id = memory.id
            and kept.model_used = model
            and kept.content_hash = groundwork.content_hash(memory.content)
        where memory.user_id = for_user_id
            and memory.valid_to is distinct from memory.valid_from
            and char_length(memory.content) <= max_content_length
            and case
                when wanted is null then not exists (
                    select
                    from groundwork.consolidated_memories as seen
                    where seen.user_id = for_user_id
                        and seen.memory_id = memory.id
                        and seen.content_hash = groundwork.content_hash(memory.content)
                )
                else memory.id = any(wanted)
            end
    ),
    due as materialized (
        select unseen.*
        from unseen
        where unseen.embedding is not null
        order by unseen.created_at, unseen.id
        limit max_memories
    ),
    pair as materialized (
        select
            least(due.id, near.id) as a_id,
            greatest(due.id, near.id) as b_id,
            max(near.similarity) as similarity
        from due
        cross join lateral (
            select candidate.id, candidate.similarity
            from (
                select kept.memory_id as id, 1 - (kept.embedding operator(extensions.<=>) due.embedding) as similarity
                from (
                    -- This reads the index only.
                    select codes.memory_id
                    from public.memory_embeddings as codes
                    where codes.user_id = for_user_id and codes.model_used = model and codes.memory_id <> due.id
                    order by codes.code operator(extensions.<~>) due.code
                    limit max_codes
                ) as near_code
                join public.memory_embeddings as kept
                    on kept.user_id = for_user_id
                    and kept.memory_id = near_code.memory_id
                    and kept.model_used = model
            ) as candidate
            join public.personal_memories as other on other.user_id = for_user_id and other.id = candidate.id
            where candidate.similarity >= min_similarity
                and char_length(other.content) <= max_content_length
                and other.valid_to is distinct from other.valid_from
                and other.valid_from < coalesce(due.valid_to, 'infinity')
                and due.valid_from < coalesce(other.valid_to, 'infinity')
                -- This leaves out pairs of which one memory supersedes the other already.
                and other.superseded_by is distinct from due.id
                and not exists (
                    select
                    from public.personal_memories as own
                    where own.user_id = for_user_id and own.id = due.id and own.superseded_by = other.id
                )
            order by candidate.similarity desc, candidate.id
            limit max_neighbours
        ) as near
        group by 1, 2
    )
    select jsonb_build_object(
        'looked_at', coalesce((select jsonb_agg(due.id order by due.created_at, due.id) from due), '[]'),
        'memories', coalesce(
            (
                select jsonb_agg(
                    jsonb_build_object(
                        'id', memory.id,
                        'content', memory.content,
                        'valid_from', memory.valid_from,
                        'created_at', memory.created_at,
                        'updated_at', memory.updated_at
                    )
                    order by memory.created_at, memory.id
                )
                from public.personal_memories as memory
                where memory.user_id = for_user_id
                    and (
                        memory.id in (select due.id from due)
                        or memory.id in (select pair.a_id from pair)
                        or memory.id in (select pair.b_id from pair)
                    )
            ),
            '[]'
        ),
        'pairs', coalesce(
            (
                select jsonb_agg(to_jsonb(pair) order by pair.similarity desc, pair.a_id, pair.b_id)
                from pair
            ),
            '[]'
        ),
        'remaining', (select count(*) from unseen where unseen.embedding is not null) - (select count(*) from due),
        'without_vector', (select count(*) from unseen where unseen.embedding is null)
    )
    into answer;
    return answer;
end
$$;

create function public.get_memories_to_consolidate(job_id uuid, lease_token uuid)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.get_memories_to_consolidate(job_id, lease_token);
end
$$;

comment on function public.get_memories_to_consolidate(uuid, uuid) is
    'Service role only, with the lease of a memory_keeper job. Returns {"looked_at": [id…], "memories": [{"id", '
    '"content", "valid_from", "created_at", "updated_at"}…], "pairs": [{"a_id", "b_id", "similarity"}…], "remaining", '
    '"without_vector"}. It takes at most 100 memories at a time, each with up to five similar ones. Error: GW703.';

-- Ends the older memory, because the newer one contradicts it.
--
-- The older memory was true until the newer one became true. If it had ended already, its end moves to that time only
-- if that time is earlier.
create function groundwork.end_memory(for_user_id uuid, older_id uuid, newer_id uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.personal_memories as older
    set
        valid_to = greatest(older.valid_from, least(older.valid_to, newer.valid_from)),
        superseded_by = newer.id
    from public.personal_memories as newer
    where older.user_id = for_user_id
        and older.id = older_id
        and newer.user_id = for_user_id
        and newer.id = newer_id
        and older.valid_to is distinct from older.valid_from
        and (older.superseded_by is null or coalesce(older.valid_to, 'infinity') > newer.valid_from)
        and not groundwork.is_superseded_by(for_user_id, newer.id, older.id);
end
$$;

-- Merges two memories that say the same.
--
-- The memory that is older stays, with the greater confidence and the whole time of both. The other one gets an end
-- that equals its beginning, so that at no time both are true.
create function groundwork.merge_memories(for_user_id uuid, older_id uuid, newer_id uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    kept public.personal_memories;
    other public.personal_memories;
begin
    select memory.* into kept from public.personal_memories as memory
    where memory.user_id = for_user_id and memory.id = older_id;
    -- The older memory may just have been merged into another one.
    while kept.valid_to = kept.valid_from and kept.superseded_by is not null loop
        select memory.* into kept from public.personal_memories as memory
        where memory.user_id = for_user_id and memory.id = kept.superseded_by;
    end loop;
    select memory.* into other from public.personal_memories as memory
    where memory.user_id = for_user_id and memory.id = newer_id;
    if other.valid_to = other.valid_from
        or groundwork.is_superseded_by(for_user_id, kept.id, other.id)
        -- A memory that was contradicted does not become true again because the same is said in other words.
        or (
            kept.superseded_by is not null
            and coalesce(other.valid_to, 'infinity') > coalesce(kept.valid_to, 'infinity')
        )
    then
        return;
    end if;
    update public.personal_memories as memory
    set
        confidence = greatest(kept.confidence, other.confidence),
        valid_from = least(kept.valid_from, other.valid_from),
        valid_to = nullif(
            greatest(coalesce(kept.valid_to, 'infinity'), coalesce(other.valid_to, 'infinity')),
            'infinity'
        )
    where memory.user_id = for_user_id and memory.id = kept.id;
    update public.personal_memories as memory
    set valid_to = memory.valid_from, superseded_by = kept.id
    where memory.user_id = for_user_id and memory.id = other.id;
end
$$;

-- Trigger: carries out the proposals of a completed memory_keeper job that still fit. It deletes nothing, and changes
-- no text.
--
-- It skips rows that another session is changing, and does not wait for them. Memories that have changed are compared
-- again in the next run. It runs as the owner of the schema, like all functions that settle jobs.
create function groundwork.apply_memory_keeper()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    unchanged uuid[];
    proposal record;
begin
    perform groundwork.lock_memories(new.user_id);
    unchanged := array(
        select memory.id
        from jsonb_to_recordset(new.output_data -> 'memories') as given (id uuid, updated_at timestamptz)
        join public.personal_memories as memory
            on memory.user_id = new.user_id
            and memory.id = given.id
            and memory.updated_at = given.updated_at
        for no key update of memory skip locked
    );

    for proposal in
        select given.relation, given.older_id, given.newer_id
        from jsonb_to_recordset(new.output_data -> 'proposals')
            as given (relation text, older_id uuid, newer_id uuid)
        join public.personal_memories as older on older.user_id = new.user_id and older.id = given.older_id
        where given.older_id = any(unchanged) and given.newer_id = any(unchanged)
        -- Contradictions come first. So memories that say the same have ended at the same time when they are merged.
        order by given.relation = 'same', older.valid_from, older.created_at, given.older_id, given.newer_id
    loop
        if proposal.relation = 'contradicts' then
            perform groundwork.end_memory(new.user_id, proposal.older_id, proposal.newer_id);
        elsif proposal.relation = 'same' then
            perform groundwork.merge_memories(new.user_id, proposal.older_id, proposal.newer_id);
        end if;
    end loop;

    insert into groundwork.consolidated_memories as seen (user_id, memory_id, content_hash)
    select new.user_id, memory.id, groundwork.content_hash(memory.content)
    from jsonb_array_elements_text(new.output_data -> 'looked_at') as given (id)
    join public.personal_memories as memory on memory.user_id = new.user_id and memory.id = given.id::uuid
    where memory.id = any(unchanged)
        and not exists (
            select
            from jsonb_to_recordset(new.output_data -> 'proposals') as skipped (older_id uuid, newer_id uuid)
            where memory.id in (skipped.older_id, skipped.newer_id)
                and not (skipped.older_id = any(unchanged) and skipped.newer_id = any(unchanged))
        )
    on conflict (user_id, memory_id) do update
    set content_hash = excluded.content_hash, consolidated_at = excluded.consolidated_at;
    return null;
end
$$;

create trigger apply_memory_keeper
after update of output_data on public.agent_jobs
for each row
when (new.agent_type = 'memory_keeper' and new.status = 'completed' and old.status <> 'completed')
execute function groundwork.apply_memory_keeper();

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.get_memories_to_consolidate, groundwork.end_memory, groundwork.merge_memories,
    groundwork.apply_memory_keeper,
    public.get_memories_to_consolidate(uuid, uuid)
from public, anon, authenticated, service_role;

grant execute on function
    groundwork.get_memories_to_consolidate,
    public.get_memories_to_consolidate(uuid, uuid)
to service_role;
