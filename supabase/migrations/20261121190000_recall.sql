-- Recall: memories that are told twice, that end, and that contradict each other.
-- Needs: identity, memories, agent jobs, job queue, workers, embeddings.

-- Tables --------------------------------------------------------------------------------------------------------------

-- Beside the memories and not in them: a look is no change, so it moves no updated_at.
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

-- Functions -----------------------------------------------------------------------------------------------------------

-- A hash, because a text may be longer than an entry of an index.
create function groundwork.memory_key(content text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    words text := regexp_replace(
        regexp_replace(lower(content), '\s+', ' ', 'g'),
        '^ |[ .!?…。！？]+$',
        '',
        'g'
    );
begin
    return encode(sha256(convert_to(coalesce(nullif(words, ''), content), 'UTF8')), 'hex');
end
$$;

create index idx_personal_memories_user_id_key
on public.personal_memories (user_id, groundwork.memory_key(content));

-- What compares a person's memories and then changes them does so one after the other: two at once would both find no
-- duplicate, or close a circle of which each sees one half.
create function groundwork.lock_memories(person uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('groundwork.lock_memories ' || person, 0));
end
$$;

-- Whether one follows from memory to memory by superseded_by and comes to the other, or begins there.
create function groundwork.leads_to(person uuid, from_id uuid, to_id uuid)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        with recursive successor as (
            select from_id as id
            union
            select memory.superseded_by
            from successor
            join public.personal_memories as memory on memory.user_id = person and memory.id = successor.id
            where memory.superseded_by is not null
        )
        select
        from successor
        where successor.id = to_id
    );
end
$$;

-- Security definer: behind row-level security no index by a function is used. Whose memories it is, is said here.
create function groundwork.remember(
    told text,
    told_source text,
    since timestamptz,
    told_confidence double precision,
    at timestamptz
)
returns public.personal_memories
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    person uuid := groundwork.current_user_id();
    valid_since timestamptz := coalesce(since, at);
    memory public.personal_memories;
begin
    if person is null then
        perform groundwork.raise_error('GW101');
    end if;
    if told is null or told !~ '\S' then
        perform groundwork.raise_error('GW501', 'content is blank.');
    elsif char_length(told) > 20000 then
        perform groundwork.raise_error('GW501', format('content has %s characters.', char_length(told)));
    -- NaN is greater than any number.
    elsif coalesce(told_confidence, 1) not between 0 and 1 then
        perform groundwork.raise_error('GW501', format('confidence is %s.', told_confidence));
    elsif not isfinite(valid_since) then
        perform groundwork.raise_error('GW501', format('valid_from is %s.', valid_since));
    end if;

    perform groundwork.lock_memories(person);
    update public.personal_memories as known
    set
        confidence = greatest(known.confidence, coalesce(told_confidence, 1)),
        valid_from = least(known.valid_from, valid_since)
    where known.id = (
        select same.id
        from public.personal_memories as same
        where same.user_id = person
            and groundwork.memory_key(same.content) = groundwork.memory_key(told)
            and coalesce(same.valid_to > at and same.valid_to > valid_since, true)
        order by same.valid_from, same.created_at, same.id
        limit 1
    )
    returning known.* into memory;
    if not found then
        insert into public.personal_memories (user_id, content, source, valid_from, confidence)
        values (person, told, told_source, valid_since, coalesce(told_confidence, 1))
        returning * into memory;
    end if;
    return memory;
end
$$;

-- Security definer: people may not write superseded_by themselves.
create function groundwork.supersede_memory(old_id uuid, new_id uuid, at timestamptz)
returns public.personal_memories
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    person uuid := groundwork.current_user_id();
    memory public.personal_memories;
begin
    if person is null then
        perform groundwork.raise_error('GW101');
    end if;
    if not isfinite(at) then
        perform groundwork.raise_error('GW501', format('at is %s.', at));
    end if;
    perform groundwork.lock_memories(person);
    perform from public.personal_memories where user_id = person and id = new_id for key share;
    if not found then
        perform groundwork.raise_error('GW502', format('Memory %s.', new_id));
    end if;
    select old.*
    into memory
    from public.personal_memories as old
    where old.user_id = person and old.id = old_id
    for no key update;
    if not found then
        perform groundwork.raise_error('GW502', format('Memory %s.', old_id));
    elsif memory.superseded_by is not null then
        perform groundwork.raise_error('GW503', format('By memory %s.', memory.superseded_by));
    elsif groundwork.leads_to(person, new_id, old_id) then
        perform groundwork.raise_error('GW504');
    end if;
    update public.personal_memories as old
    set
        -- What ended before that stays ended then.
        valid_to = greatest(old.valid_from, least(old.valid_to, coalesce(at, now()))),
        superseded_by = new_id
    where old.user_id = person and old.id = old_id
    returning old.* into memory;
    return memory;
end
$$;

-- Security definer: people may not write superseded_by themselves.
create function groundwork.restore_memory(wanted uuid)
returns public.personal_memories
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    person uuid := groundwork.current_user_id();
    memory public.personal_memories;
begin
    if person is null then
        perform groundwork.raise_error('GW101');
    end if;
    perform groundwork.lock_memories(person);
    update public.personal_memories as ended
    set valid_to = null, superseded_by = null
    where ended.user_id = person and ended.id = wanted
    returning ended.* into memory;
    if not found then
        perform groundwork.raise_error('GW502', format('Memory %s.', wanted));
    end if;
    return memory;
end
$$;

-- Fenced by the lease. Each memory that was not looked at as it now is, with those nearest to it that were valid at the
-- same time.
--
-- Security definer: the queue is private, and workers read nobody's memories but those of their job.
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
    most_memories constant integer := 100;
    most_neighbours constant integer := 5;
    -- So many of the nearest by their codes are compared by their vectors.
    most_codes constant integer := 100;
    -- What is less alike neither repeats nor contradicts.
    least_similarity constant double precision := 0.25;
    -- A memory is a sentence or a few. A longer text is left alone.
    longest_content constant integer := 4000;
    model text := groundwork.active_embedding_model();
    person uuid;
    wanted uuid[];
    answer jsonb;
begin
    select
        lease.user_id,
        (
            select array_agg(given.id::uuid)
            from jsonb_array_elements_text(job.input_data -> 'memory_ids') as given (id)
        )
    into person, wanted
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
            on kept.user_id = person
            and kept.memory_id = memory.id
            and kept.model_used = model
            and kept.content_hash = groundwork.content_hash(memory.content)
        where memory.user_id = person
            and memory.valid_to is distinct from memory.valid_from
            and char_length(memory.content) <= longest_content
            and case
                when wanted is null then not exists (
                    select
                    from groundwork.consolidated_memories as seen
                    where seen.user_id = person
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
        limit most_memories
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
                    -- From the index alone.
                    select codes.memory_id
                    from public.memory_embeddings as codes
                    where codes.user_id = person and codes.model_used = model and codes.memory_id <> due.id
                    order by codes.code operator(extensions.<~>) due.code
                    limit most_codes
                ) as near_code
                join public.memory_embeddings as kept
                    on kept.user_id = person
                    and kept.memory_id = near_code.memory_id
                    and kept.model_used = model
            ) as candidate
            join public.personal_memories as other on other.user_id = person and other.id = candidate.id
            where candidate.similarity >= least_similarity
                and char_length(other.content) <= longest_content
                and other.valid_to is distinct from other.valid_from
                and other.valid_from < coalesce(due.valid_to, 'infinity')
                and due.valid_from < coalesce(other.valid_to, 'infinity')
                -- What has been decided.
                and other.superseded_by is distinct from due.id
                and not exists (
                    select
                    from public.personal_memories as own
                    where own.user_id = person and own.id = due.id and own.superseded_by = other.id
                )
            order by candidate.similarity desc, candidate.id
            limit most_neighbours
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
                where memory.user_id = person
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

-- The older one was true until the newer one was. One that had ended ends earlier if the newer one came in between.
create function groundwork.end_memory(person uuid, older_id uuid, newer_id uuid)
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
    where older.user_id = person
        and older.id = older_id
        and newer.user_id = person
        and newer.id = newer_id
        and older.valid_to is distinct from older.valid_from
        and (older.superseded_by is null or coalesce(older.valid_to, 'infinity') > newer.valid_from)
        and not groundwork.leads_to(person, newer.id, older.id);
end
$$;

-- The one that was known first stays, with the greater confidence and the whole time of both. The other one ends where
-- it began, so that no time has both.
create function groundwork.merge_memories(person uuid, older_id uuid, newer_id uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    kept public.personal_memories;
    other public.personal_memories;
begin
    select memory.* into kept from public.personal_memories as memory
    where memory.user_id = person and memory.id = older_id;
    -- It may just have been merged into another one.
    while kept.valid_to = kept.valid_from and kept.superseded_by is not null loop
        select memory.* into kept from public.personal_memories as memory
        where memory.user_id = person and memory.id = kept.superseded_by;
    end loop;
    select memory.* into other from public.personal_memories as memory
    where memory.user_id = person and memory.id = newer_id;
    if other.valid_to = other.valid_from
        or groundwork.leads_to(person, kept.id, other.id)
        -- What was contradicted does not begin again because somebody says it differently.
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
    where memory.user_id = person and memory.id = kept.id;
    update public.personal_memories as memory
    set valid_to = memory.valid_from, superseded_by = kept.id
    where memory.user_id = person and memory.id = other.id;
end
$$;

-- Takes no row that somebody is changing, and waits for none: what has changed is looked at again in the next run.
-- Runs as the owner of the schema, as whatever settles jobs does.
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
        -- Contradictions first: what has ended is merged with what ended at the same time.
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

create function public.remember(
    content text,
    source text default null,
    valid_from timestamptz default now(),
    confidence double precision default 1
)
returns public.personal_memories
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.remember(content, source, valid_from, confidence, now());
end
$$;

create function public.supersede_memory(old_id uuid, new_id uuid, at timestamptz default now())
returns public.personal_memories
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.supersede_memory(old_id, new_id, at);
end
$$;

create function public.restore_memory(memory_id uuid)
returns public.personal_memories
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.restore_memory(memory_id);
end
$$;

-- As the person, so that the policies hold: a mistake here could not reach anybody else's memories.
create function public.forget_all()
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    person uuid := groundwork.current_user_id();
    forgotten bigint;
begin
    if person is null then
        perform groundwork.raise_error('GW101');
    end if;
    perform groundwork.lock_memories(person);
    delete from public.personal_memories where user_id = person;
    get diagnostics forgotten = row_count;
    return forgotten;
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

-- Triggers ------------------------------------------------------------------------------------------------------------

create trigger apply_memory_keeper
after update of output_data on public.agent_jobs
for each row
when (new.agent_type = 'memory_keeper' and new.status = 'completed' and old.status <> 'completed')
execute function groundwork.apply_memory_keeper();

-- Row-level security --------------------------------------------------------------------------------------------------

-- No policy: only definer functions read and write it.
alter table groundwork.consolidated_memories enable row level security;

-- Grants --------------------------------------------------------------------------------------------------------------

revoke all on table groundwork.consolidated_memories from public, anon, authenticated, service_role;

revoke all on function groundwork.memory_key(text) from public, anon, authenticated, service_role;
revoke all on function groundwork.lock_memories(uuid) from public, anon, authenticated, service_role;
revoke all on function groundwork.leads_to(uuid, uuid, uuid) from public, anon, authenticated, service_role;
revoke all on function groundwork.remember(text, text, timestamptz, double precision, timestamptz)
from public, anon, authenticated, service_role;
revoke all on function groundwork.supersede_memory(uuid, uuid, timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.restore_memory(uuid) from public, anon, authenticated, service_role;
revoke all on function groundwork.get_memories_to_consolidate(uuid, uuid) from public, anon, authenticated, service_role;
revoke all on function groundwork.end_memory(uuid, uuid, uuid) from public, anon, authenticated, service_role;
revoke all on function groundwork.merge_memories(uuid, uuid, uuid) from public, anon, authenticated, service_role;
revoke all on function groundwork.apply_memory_keeper() from public, anon, authenticated, service_role;
revoke all on function public.remember(text, text, timestamptz, double precision)
from public, anon, authenticated, service_role;
revoke all on function public.supersede_memory(uuid, uuid, timestamptz) from public, anon, authenticated, service_role;
revoke all on function public.restore_memory(uuid) from public, anon, authenticated, service_role;
revoke all on function public.forget_all() from public, anon, authenticated, service_role;
revoke all on function public.get_memories_to_consolidate(uuid, uuid) from public, anon, authenticated, service_role;

-- An index calls it as whoever writes the row.
grant execute on function groundwork.memory_key(text) to authenticated, service_role;
grant execute on function groundwork.lock_memories(uuid) to authenticated;
grant execute on function groundwork.remember(text, text, timestamptz, double precision, timestamptz) to authenticated;
grant execute on function groundwork.supersede_memory(uuid, uuid, timestamptz) to authenticated;
grant execute on function groundwork.restore_memory(uuid) to authenticated;
grant execute on function groundwork.get_memories_to_consolidate(uuid, uuid) to service_role;
grant execute on function public.remember(text, text, timestamptz, double precision) to authenticated;
grant execute on function public.supersede_memory(uuid, uuid, timestamptz) to authenticated;
grant execute on function public.restore_memory(uuid) to authenticated;
grant execute on function public.forget_all() to authenticated;
grant execute on function public.get_memories_to_consolidate(uuid, uuid) to service_role;

-- Data ----------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    (
        'GW501',
        400,
        'This can''t be remembered.',
        'Give a content of 1 to 20,000 characters, a confidence from 0 to 1, and times that are finite.'
    ),
    ('GW502', 404, 'There is no such memory.', 'Read your own memories and use the id of one of them.'),
    (
        'GW503',
        409,
        'This memory is already superseded.',
        'Take it back with restore_memory() first, or supersede the one that took its place.'
    ),
    (
        'GW504',
        409,
        'A memory can''t be superseded by itself, or by what it superseded.',
        'Exchange the two ids if it is the other way round.'
    );

-- Comments ------------------------------------------------------------------------------------------------------------

comment on table groundwork.consolidated_memories is
    'The memories that a memory_keeper has compared with those near them. Another content is looked at again.';
comment on column groundwork.consolidated_memories.content_hash is 'Of the content as it was then.';

comment on function groundwork.memory_key(text) is
    'The same for texts that differ in case, white space and final punctuation only.';
comment on function groundwork.lock_memories(uuid) is
    'Until the end of the transaction nobody else compares and changes memories of this person.';
comment on function groundwork.leads_to(uuid, uuid, uuid) is
    'Whether the one memory is the other, or is superseded by it, directly or by others in between.';
comment on function groundwork.remember(text, text, timestamptz, double precision, timestamptz) is
    'What public.remember() does.';
comment on function groundwork.supersede_memory(uuid, uuid, timestamptz) is 'What public.supersede_memory() does.';
comment on function groundwork.restore_memory(uuid) is 'What public.restore_memory() does.';
comment on function groundwork.get_memories_to_consolidate(uuid, uuid) is
    'What public.get_memories_to_consolidate() does.';
comment on function groundwork.end_memory(uuid, uuid, uuid) is 'The newer memory contradicts the older one.';
comment on function groundwork.merge_memories(uuid, uuid, uuid) is 'Both memories say the same.';
comment on function groundwork.apply_memory_keeper() is
    'Trigger: does what a completed job of the memory_keeper proposes, as far as it still fits. Deletes nothing, and '
    'changes no text.';
comment on function public.remember(text, text, timestamptz, double precision) is
    'Writes down what is true since valid_from. What is already known, up to case, white space and final punctuation, '
    'and has not ended, is not written twice: the known memory keeps its source, and gets the greater confidence and '
    'the earlier valid_from. Errors: GW101, GW501.';
comment on function public.supersede_memory(uuid, uuid, timestamptz) is
    'The new memory takes the place of the old one, which was true until then. Errors: GW101, GW501, GW502, GW503, '
    'GW504.';
comment on function public.restore_memory(uuid) is
    'A memory that had ended, or was superseded, holds again. Errors: GW101, GW502.';
comment on function public.forget_all() is
    'Deletes all memories of the caller with everything made of them, and says how many those were. Error: GW101.';
comment on function public.get_memories_to_consolidate(uuid, uuid) is
    'Service role only: {"looked_at": [id…], "memories": [{"id", "content", "valid_from", "created_at", '
    '"updated_at"}…], "pairs": [{"a_id", "b_id", "similarity"}…], "remaining", "without_vector"} for a job of the '
    'memory_keeper. At most 100 memories at a time, each with up to five near ones. Error: GW703.';
