-- Memories: what the companion remembers, and the vectors that thoughts and circles are found by.
-- Needs: identity, care loop.

-- Tables --------------------------------------------------------------------------------------------------------------

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

-- Vectors stand beside the rows they belong to: those of two models can live side by side while one replaces the other
-- (docs/decisions/0004).

create table public.thought_embeddings (
    user_id uuid not null
        constraint thought_embeddings_user_id_fkey references public.users (id) on delete cascade,
    thought_id bigint not null,
    model_used varchar(100) not null,
    content_hash text not null,
    embedding extensions.halfvec(1536) not null,
    code bit(1536) not null generated always as (extensions.binary_quantize(embedding)::bit(1536)) stored,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint thought_embeddings_pkey primary key (user_id, thought_id, model_used),
    constraint thought_embeddings_user_id_thought_id_fkey
        foreign key (user_id, thought_id) references public.thoughts (user_id, id) on delete cascade,
    constraint thought_embeddings_embedding_check check (extensions.l2_norm(embedding) between 0.99 and 1.01)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);

create table public.memory_embeddings (
    user_id uuid not null
        constraint memory_embeddings_user_id_fkey references public.users (id) on delete cascade,
    memory_id uuid not null,
    model_used varchar(100) not null,
    content_hash text not null,
    embedding extensions.halfvec(1536) not null,
    code bit(1536) not null generated always as (extensions.binary_quantize(embedding)::bit(1536)) stored,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint memory_embeddings_pkey primary key (user_id, memory_id, model_used),
    constraint memory_embeddings_user_id_memory_id_fkey
        foreign key (user_id, memory_id) references public.personal_memories (user_id, id) on delete cascade,
    constraint memory_embeddings_embedding_check check (extensions.l2_norm(embedding) between 0.99 and 1.01)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);

create table public.circle_embeddings (
    user_id uuid not null
        constraint circle_embeddings_user_id_fkey references public.users (id) on delete cascade,
    circle_id bigint not null,
    model_used varchar(100) not null,
    content_hash text not null,
    embedding extensions.halfvec(1536) not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint circle_embeddings_pkey primary key (user_id, circle_id, model_used),
    constraint circle_embeddings_user_id_circle_id_fkey
        foreign key (user_id, circle_id) references public.circles (user_id, id) on delete cascade,
    constraint circle_embeddings_embedding_check check (extensions.l2_norm(embedding) between 0.99 and 1.01)
);

-- In the row, so that comparing a few hundred of them takes a page each: out of line it takes two more, and those of an
-- index. Postgres 16 could say so in the column.
alter table public.thought_embeddings alter column embedding set storage plain;
alter table public.memory_embeddings alter column embedding set storage plain;

-- Indexes -------------------------------------------------------------------------------------------------------------
-- No index over everybody's vectors: filtered by owner afterwards, it would return too few of a person's rows. The
-- codes of one person are read from the index alone, all of them, and only the nearest are compared by their vectors.

create index idx_personal_memories_user_id_created_at on public.personal_memories (user_id, created_at desc);
create index idx_personal_memories_user_id_superseded_by on public.personal_memories (user_id, superseded_by);
create index idx_thought_embeddings_user_id_model_used_code
on public.thought_embeddings (user_id, model_used)
include (thought_id, code);
create index idx_memory_embeddings_user_id_model_used_code
on public.memory_embeddings (user_id, model_used)
include (memory_id, code);

-- Triggers ------------------------------------------------------------------------------------------------------------

create trigger set_updated_at
before update on public.personal_memories
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

create trigger set_updated_at
before update on public.thought_embeddings
for each row
when (old.content_hash <> new.content_hash)
execute function groundwork.set_updated_at();

create trigger set_updated_at
before update on public.memory_embeddings
for each row
when (old.content_hash <> new.content_hash)
execute function groundwork.set_updated_at();

create trigger set_updated_at
before update on public.circle_embeddings
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

-- Row-level security --------------------------------------------------------------------------------------------------

alter table public.personal_memories enable row level security;
alter table public.thought_embeddings enable row level security;
alter table public.memory_embeddings enable row level security;
alter table public.circle_embeddings enable row level security;

create policy "people can read their own memories"
on public.personal_memories
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "people can write down memories of their own"
on public.personal_memories
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()));

create policy "people can update their own memories"
on public.personal_memories
for update
to authenticated
using (user_id = (select groundwork.current_user_id()))
with check (user_id = (select groundwork.current_user_id()));

create policy "people can delete their own memories"
on public.personal_memories
for delete
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "people can read the vectors of their own thoughts"
on public.thought_embeddings
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "people can read the vectors of their own memories"
on public.memory_embeddings
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "people can read the vectors of their own circles"
on public.circle_embeddings
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

-- No insert, update or delete of vectors: they are computed, and go with what they belong to.

-- Grants --------------------------------------------------------------------------------------------------------------

revoke all on table public.personal_memories from public, anon, authenticated, service_role;
revoke all on table public.thought_embeddings from public, anon, authenticated, service_role;
revoke all on table public.memory_embeddings from public, anon, authenticated, service_role;
revoke all on table public.circle_embeddings from public, anon, authenticated, service_role;

-- Not superseded_by, model_used and prompt_version, which are the backend's.
grant select, delete on table public.personal_memories to authenticated;
grant
    insert (user_id, content, source, confidence, valid_from, valid_to),
    update (content, source, confidence, valid_from, valid_to)
on table public.personal_memories to authenticated;
grant select on table public.thought_embeddings to authenticated;
grant select on table public.memory_embeddings to authenticated;
grant select on table public.circle_embeddings to authenticated;

grant select, insert, update, delete on table public.personal_memories to service_role;
grant select, insert, update, delete on table public.thought_embeddings to service_role;
grant select, insert, update, delete on table public.memory_embeddings to service_role;
grant select, insert, update, delete on table public.circle_embeddings to service_role;

-- Comments ------------------------------------------------------------------------------------------------------------

comment on table public.personal_memories is
    'What the companion remembers of a person. Nothing is deleted but by the person: what is no longer true ends.';
comment on column public.personal_memories.source is 'Where it is from: a conversation, a thought, the person.';
comment on column public.personal_memories.confidence is 'How sure it is, 0 to 1.';
comment on column public.personal_memories.valid_from is 'Since when it is true, which may be before it was told.';
comment on column public.personal_memories.valid_to is 'Until when it was true; null while it is.';
comment on column public.personal_memories.superseded_by is 'The memory that took its place.';
comment on column public.personal_memories.model_used is
    'The model that drew the memory from its source; null when a person wrote it.';
comment on column public.personal_memories.prompt_version is 'Version of the prompt that the model was given.';

comment on table public.thought_embeddings is 'Vectors of thoughts, one for each model.';
comment on column public.thought_embeddings.model_used is 'The model that made the vector.';
comment on column public.thought_embeddings.content_hash is
    'SHA-256 of the text that the vector was made from: another one than the thought''s now means that it is stale.';
comment on column public.thought_embeddings.embedding is '1536 wide, of length 1.';
comment on column public.thought_embeddings.code is
    'The signs of the vector: the more bits of two codes differ, the greater the angle between their vectors.';

comment on table public.memory_embeddings is 'Vectors of memories, one for each model.';
comment on column public.memory_embeddings.model_used is 'The model that made the vector.';
comment on column public.memory_embeddings.content_hash is
    'SHA-256 of the text that the vector was made from: another one than the memory''s now means that it is stale.';
comment on column public.memory_embeddings.embedding is '1536 wide, of length 1.';
comment on column public.memory_embeddings.code is 'As in thought_embeddings.';

comment on table public.circle_embeddings is 'Centroids of circles: the middle of the vectors of their thoughts.';
comment on column public.circle_embeddings.model_used is 'The model that made the vectors.';
comment on column public.circle_embeddings.content_hash is
    'Of the thoughts that the centroid was made from: another one than theirs now means that it is stale.';
comment on column public.circle_embeddings.embedding is '1536 wide, of length 1.';
