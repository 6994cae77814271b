-- Memories: what the companion remembers, and the vectors that thoughts and circles are found by.
-- Needs: identity, care loop.

-- Tables --------------------------------------------------------------------------------------------------------------

create table public.personal_memories (
    id uuid constraint personal_memories_pkey primary key default gen_random_uuid(),
    user_id uuid not null default private.current_user_id()
        constraint personal_memories_user_id_fkey references public.users (id) on delete cascade,
    content text not null,
    embedding extensions.vector(1536),
    source text,
    model_used varchar(100),
    prompt_version varchar(50),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint personal_memories_user_id_id_key unique (user_id, id),
    constraint personal_memories_content_check check (content ~ '\S')
);

-- Vectors stand beside the rows they belong to: those of two models can live side by side while one replaces the other.

create table public.thought_embeddings (
    user_id uuid not null
        constraint thought_embeddings_user_id_fkey references public.users (id) on delete cascade,
    thought_id bigint not null,
    model_used varchar(100) not null,
    content_hash text not null,
    embedding extensions.vector(1536) not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint thought_embeddings_pkey primary key (user_id, thought_id, model_used),
    constraint thought_embeddings_user_id_thought_id_fkey
        foreign key (user_id, thought_id) references public.thoughts (user_id, id) on delete cascade
);

create table public.circle_embeddings (
    user_id uuid not null
        constraint circle_embeddings_user_id_fkey references public.users (id) on delete cascade,
    circle_id bigint not null,
    model_used varchar(100) not null,
    content_hash text not null,
    embedding extensions.vector(1536) not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint circle_embeddings_pkey primary key (user_id, circle_id, model_used),
    constraint circle_embeddings_user_id_circle_id_fkey
        foreign key (user_id, circle_id) references public.circles (user_id, id) on delete cascade
);

-- Indexes -------------------------------------------------------------------------------------------------------------
-- No vector index: a person's memories are few, and an index over everybody's would return too few of theirs.

create index idx_personal_memories_user_id_created_at on public.personal_memories (user_id, created_at desc);

-- Functions -----------------------------------------------------------------------------------------------------------

create function private.forget_stale_embedding()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    new.embedding := null;
    return new;
end
$$;

-- Triggers ------------------------------------------------------------------------------------------------------------

create trigger set_updated_at
before update on public.personal_memories
for each row
when (old is distinct from new)
execute function private.set_updated_at();

create trigger set_updated_at
before update on public.thought_embeddings
for each row
when (old is distinct from new)
execute function private.set_updated_at();

create trigger set_updated_at
before update on public.circle_embeddings
for each row
when (old is distinct from new)
execute function private.set_updated_at();

create trigger forget_stale_embedding
before update on public.personal_memories
for each row
when (old.content is distinct from new.content)
execute function private.forget_stale_embedding();

-- Row-level security --------------------------------------------------------------------------------------------------

alter table public.personal_memories enable row level security;
alter table public.thought_embeddings enable row level security;
alter table public.circle_embeddings enable row level security;

create policy "people can read their own memories"
on public.personal_memories
for select
to authenticated
using (user_id = (select private.current_user_id()));

create policy "people can write down memories of their own"
on public.personal_memories
for insert
to authenticated
with check (user_id = (select private.current_user_id()));

create policy "people can update their own memories"
on public.personal_memories
for update
to authenticated
using (user_id = (select private.current_user_id()))
with check (user_id = (select private.current_user_id()));

create policy "people can delete their own memories"
on public.personal_memories
for delete
to authenticated
using (user_id = (select private.current_user_id()));

create policy "people can read the vectors of their own thoughts"
on public.thought_embeddings
for select
to authenticated
using (user_id = (select private.current_user_id()));

create policy "people can read the vectors of their own circles"
on public.circle_embeddings
for select
to authenticated
using (user_id = (select private.current_user_id()));

-- No insert, update or delete of vectors: they are computed, and go with what they belong to.

-- Grants --------------------------------------------------------------------------------------------------------------

revoke all on table public.personal_memories from public, anon, authenticated, service_role;
revoke all on table public.thought_embeddings from public, anon, authenticated, service_role;
revoke all on table public.circle_embeddings from public, anon, authenticated, service_role;

-- Not embedding, model_used and prompt_version, which are the backend's.
grant select, delete on table public.personal_memories to authenticated;
grant
    insert (user_id, content, source),
    update (content, source)
on table public.personal_memories to authenticated;
grant select on table public.thought_embeddings to authenticated;
grant select on table public.circle_embeddings to authenticated;

grant select, insert, update, delete on table public.personal_memories to service_role;
grant select, insert, update, delete on table public.thought_embeddings to service_role;
grant select, insert, update, delete on table public.circle_embeddings to service_role;

revoke all on function private.forget_stale_embedding() from public, anon, authenticated, service_role;

-- Comments ------------------------------------------------------------------------------------------------------------

comment on table public.personal_memories is 'What the companion remembers of a person.';
comment on column public.personal_memories.embedding is
    'Of the content as it is now, 1536 wide; null until computed, and again when the content changes.';
comment on column public.personal_memories.source is 'Where it is from: a conversation, a thought, the person.';
comment on column public.personal_memories.model_used is
    'The model that drew the memory from its source; null when a person wrote it.';
comment on column public.personal_memories.prompt_version is 'Version of the prompt that the model was given.';

comment on table public.thought_embeddings is 'Vectors of thoughts, one for each model.';
comment on column public.thought_embeddings.model_used is 'The model that made the vector.';
comment on column public.thought_embeddings.content_hash is
    'Of the text that the vector was made from: another one than the thought''s now means that the vector is stale.';
comment on column public.thought_embeddings.embedding is '1536 wide.';

comment on table public.circle_embeddings is 'Centroids of circles: the middle of the vectors of their thoughts.';
comment on column public.circle_embeddings.model_used is 'The model that made the vectors.';
comment on column public.circle_embeddings.content_hash is
    'Of the thoughts that the centroid was made from: another one than theirs now means that it is stale.';
comment on column public.circle_embeddings.embedding is '1536 wide.';

comment on function private.forget_stale_embedding() is
    'Trigger: a memory whose content changed has no embedding until it is computed anew.';
