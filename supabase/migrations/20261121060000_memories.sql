-- Memories: what a companion app keeps about a user, each with the time during which it is true.
-- Needs: helpers, identity.

-- Returns the same key for texts that differ only in case, white space and final punctuation.
--
-- The key is a hash, because a text may be longer than an entry of an index.
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

-- personal_memories ---------------------------------------------------------------------------------------------------

create table public.personal_memories (
    id uuid constraint personal_memories_pkey primary key default gen_random_uuid(),
    user_id uuid not null default groundwork.current_user_id()
        constraint personal_memories_user_id_fkey references public.users (id) on delete cascade,
    content text not null,
    source text,
    confidence double precision not null default 1,
    valid_from timestamptz not null default now(),
    valid_to timestamptz,
    superseded_by uuid,
    model_used varchar(100),
    prompt_version varchar(50),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint personal_memories_user_id_id_key unique (user_id, id),
    constraint personal_memories_user_id_superseded_by_fkey
        foreign key (user_id, superseded_by)
        references public.personal_memories (user_id, id) on delete set null (superseded_by),
    constraint personal_memories_content_check check (content ~ '\S'),
    constraint personal_memories_confidence_check check (confidence between 0 and 1),
    constraint personal_memories_valid_to_check check (valid_to >= valid_from),
    constraint personal_memories_superseded_by_check check (superseded_by <> id)
);

comment on table public.personal_memories is
    'What a companion app keeps about a user. Only the user deletes memories. A memory that is no longer true gets an '
    'end (valid_to).';
comment on column public.personal_memories.source is 'Where the memory is from: a conversation, a thought or the user.';
comment on column public.personal_memories.confidence is 'How certain the memory is, 0 to 1.';
comment on column public.personal_memories.valid_from is 'Since when it is true. This may be before the user told it.';
comment on column public.personal_memories.valid_to is 'Until when it was true; null while it is true.';
comment on column public.personal_memories.superseded_by is 'The memory that took its place.';
comment on column public.personal_memories.model_used is
    'The model that made the memory from its source; null when a user wrote it.';
comment on column public.personal_memories.prompt_version is 'The version of the prompt that the model was given.';

create index idx_personal_memories_user_id_created_at on public.personal_memories (user_id, created_at desc);
create index idx_personal_memories_user_id_superseded_by on public.personal_memories (user_id, superseded_by);
create index idx_personal_memories_user_id_key
on public.personal_memories (user_id, groundwork.memory_key(content));

create trigger set_updated_at
before update on public.personal_memories
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

alter table public.personal_memories enable row level security;

create policy "users can read their own memories"
on public.personal_memories
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "users can write down memories of their own"
on public.personal_memories
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()));

create policy "users can update their own memories"
on public.personal_memories
for update
to authenticated
using (user_id = (select groundwork.current_user_id()))
with check (user_id = (select groundwork.current_user_id()));

create policy "users can delete their own memories"
on public.personal_memories
for delete
to authenticated
using (user_id = (select groundwork.current_user_id()));

revoke all on table public.personal_memories from public, anon, authenticated, service_role;
-- Users may not write superseded_by, model_used and prompt_version. Only the backend writes them.
grant select, delete on table public.personal_memories to authenticated;
grant
    insert (user_id, content, source, confidence, valid_from, valid_to),
    update (content, source, confidence, valid_from, valid_to)
on table public.personal_memories to authenticated;
grant select, insert, update, delete on table public.personal_memories to service_role;

-- Functions -----------------------------------------------------------------------------------------------------------

-- Takes the lock that every session holds while it compares a user's memories in order to change them. Without the
-- lock, two sessions could both find no duplicate and both insert one. They could also supersede two memories by each
-- other.
create function groundwork.lock_memories(for_user_id uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('groundwork.lock_memories ' || for_user_id, 0));
end
$$;

-- Returns whether the first memory is the second one, or is superseded by it, directly or through others.
create function groundwork.is_superseded_by(for_user_id uuid, from_id uuid, to_id uuid)
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
            join public.personal_memories as memory on memory.user_id = for_user_id and memory.id = successor.id
            where memory.superseded_by is not null
        )
        select
        from successor
        where successor.id = to_id
    );
end
$$;

-- Security definer: under row-level security Postgres does not use the index by memory_key(), because that function is
-- not leakproof. Every statement of this function reads and writes only rows of the caller.
create function groundwork.remember(
    new_content text,
    new_source text,
    since timestamptz,
    new_confidence double precision,
    at timestamptz
)
returns public.personal_memories
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    caller_id uuid := groundwork.current_user_id();
    valid_since timestamptz := coalesce(since, at);
    memory public.personal_memories;
begin
    if caller_id is null then
        perform groundwork.raise_error('GW101');
    end if;
    if new_content is null or new_content !~ '\S' then
        perform groundwork.raise_error('GW501', 'content is blank.');
    elsif char_length(new_content) > 20000 then
        perform groundwork.raise_error('GW501', format('content has %s characters.', char_length(new_content)));
    -- NaN is greater than any other number, so this also refuses NaN.
    elsif coalesce(new_confidence, 1) not between 0 and 1 then
        perform groundwork.raise_error('GW501', format('confidence is %s.', new_confidence));
    elsif not isfinite(valid_since) then
        perform groundwork.raise_error('GW501', format('valid_from is %s.', valid_since));
    end if;

    perform groundwork.lock_memories(caller_id);
    update public.personal_memories as known
    set
        confidence = greatest(known.confidence, coalesce(new_confidence, 1)),
        valid_from = least(known.valid_from, valid_since)
    where known.id = (
        select same.id
        from public.personal_memories as same
        where same.user_id = caller_id
            and groundwork.memory_key(same.content) = groundwork.memory_key(new_content)
            and coalesce(same.valid_to > at and same.valid_to > valid_since, true)
        order by same.valid_from, same.created_at, same.id
        limit 1
    )
    returning known.* into memory;
    if not found then
        insert into public.personal_memories (user_id, content, source, valid_from, confidence)
        values (caller_id, new_content, new_source, valid_since, coalesce(new_confidence, 1))
        returning * into memory;
    end if;
    return memory;
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

comment on function public.remember(text, text, timestamptz, double precision) is
    'Writes a memory that is true since valid_from, and returns it. If the caller already has this memory and it has '
    'not ended, it is not written twice. Case, white space and final punctuation may differ. In that case the known '
    'memory keeps its source, gets the greater confidence and the earlier valid_from, and is returned. Errors: GW101, '
    'GW501.';

-- Security definer: users may not write superseded_by themselves.
create function groundwork.supersede_memory(old_id uuid, new_id uuid, at timestamptz)
returns public.personal_memories
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    caller_id uuid := groundwork.current_user_id();
    memory public.personal_memories;
begin
    if caller_id is null then
        perform groundwork.raise_error('GW101');
    end if;
    if not isfinite(at) then
        perform groundwork.raise_error('GW501', format('at is %s.', at));
    end if;
    perform groundwork.lock_memories(caller_id);
    perform from public.personal_memories where user_id = caller_id and id = new_id for key share;
    if not found then
        perform groundwork.raise_error('GW502', format('Memory %s.', new_id));
    end if;
    select old.*
    into memory
    from public.personal_memories as old
    where old.user_id = caller_id and old.id = old_id
    for no key update;
    if not found then
        perform groundwork.raise_error('GW502', format('Memory %s.', old_id));
    elsif memory.superseded_by is not null then
        perform groundwork.raise_error('GW503', format('By memory %s.', memory.superseded_by));
    elsif groundwork.is_superseded_by(caller_id, new_id, old_id) then
        perform groundwork.raise_error('GW504');
    end if;
    update public.personal_memories as old
    set
        -- A memory that has ended before that time keeps its end.
        valid_to = greatest(old.valid_from, least(old.valid_to, coalesce(at, now()))),
        superseded_by = new_id
    where old.user_id = caller_id and old.id = old_id
    returning old.* into memory;
    return memory;
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

comment on function public.supersede_memory(uuid, uuid, timestamptz) is
    'Puts the new memory in the place of the old one, which ends at the time `at`. Returns the old memory. Errors: '
    'GW101, GW501, GW502, GW503, GW504.';

-- Security definer: users may not write superseded_by themselves.
create function groundwork.restore_memory(wanted uuid)
returns public.personal_memories
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    caller_id uuid := groundwork.current_user_id();
    memory public.personal_memories;
begin
    if caller_id is null then
        perform groundwork.raise_error('GW101');
    end if;
    perform groundwork.lock_memories(caller_id);
    update public.personal_memories as ended
    set valid_to = null, superseded_by = null
    where ended.user_id = caller_id and ended.id = wanted
    returning ended.* into memory;
    if not found then
        perform groundwork.raise_error('GW502', format('Memory %s.', wanted));
    end if;
    return memory;
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

comment on function public.restore_memory(uuid) is
    'Makes a memory that had ended or was superseded true again, and returns it. Errors: GW101, GW502.';

-- It runs with the rights of the caller. The policies hold, so a mistake here could not delete memories of other users.
create function public.forget_all()
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    caller_id uuid := groundwork.current_user_id();
    forgotten bigint;
begin
    if caller_id is null then
        perform groundwork.raise_error('GW101');
    end if;
    perform groundwork.lock_memories(caller_id);
    delete from public.personal_memories where user_id = caller_id;
    get diagnostics forgotten = row_count;
    return forgotten;
end
$$;

comment on function public.forget_all() is
    'Deletes all memories of the caller, and everything that was made from them. Returns how many memories were '
    'deleted. Error: GW101.';

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    (
        'GW501', 400, 'This can''t be remembered.',
        'Give a content of 1 to 20,000 characters, a confidence from 0 to 1, and times that are finite.'
    ),
    ('GW502', 404, 'There is no such memory.', 'Read your own memories and use the id of one of them.'),
    (
        'GW503', 409, 'This memory is already superseded.',
        'Take it back with restore_memory() first, or supersede the one that took its place.'
    ),
    (
        'GW504', 409, 'A memory can''t be superseded by itself, or by what it superseded.',
        'Exchange the two ids if it is the other way round.'
    );

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.memory_key, groundwork.lock_memories, groundwork.is_superseded_by, groundwork.remember,
    groundwork.supersede_memory, groundwork.restore_memory,
    public.remember(text, text, timestamptz, double precision),
    public.supersede_memory(uuid, uuid, timestamptz),
    public.restore_memory(uuid),
    public.forget_all()
from public, anon, authenticated, service_role;

-- An index calls it with the rights of the role that writes the row.
grant execute on function groundwork.memory_key to authenticated, service_role;

grant execute on function
    groundwork.lock_memories,
    groundwork.remember,
    public.remember(text, text, timestamptz, double precision),
    groundwork.supersede_memory,
    public.supersede_memory(uuid, uuid, timestamptz),
    groundwork.restore_memory,
    public.restore_memory(uuid),
    public.forget_all()
to authenticated;
