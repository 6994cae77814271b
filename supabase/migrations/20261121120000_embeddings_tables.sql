-- Embeddings, tables: embeddings of thoughts, memories and circles, their models, and the queue of texts.
-- Needs: helpers, identity, care_loop, memories.
--
-- Embeddings have tables of their own, so that a text can have embeddings of two models while one model replaces the
-- other (docs/decisions/0004). There is no index over the embeddings of all users. Its results would be filtered by
-- user afterwards, and would be too few rows of a user. Instead, a search reads all codes of one user from an index,
-- without reading the table. It then compares the embeddings of the nearest ones only.

create extension if not exists vector with schema extensions;

create type groundwork.embedding_model_state as enum ('filling', 'active', 'former');

comment on type groundwork.embedding_model_state is
    'switch_embedding_model() changes a filling model to active, when all its embeddings exist. The model that was '
    'active before becomes former. Texts get embeddings of models in all three states, so that switching back is '
    'possible at any time.';

-- groundwork.embedding_models -----------------------------------------------------------------------------------------

create table groundwork.embedding_models (
    name varchar(100) constraint embedding_models_pkey primary key,
    state groundwork.embedding_model_state not null,
    created_at timestamptz not null default now(),
    constraint embedding_models_name_check check (name ~ '\S')
);

comment on table groundwork.embedding_models is
    'The models that texts get embeddings of. Searches use the embeddings of the active model.';
comment on column groundwork.embedding_models.name is
    'The name that the provider gives the model. groundwork-lexical-1 is the lexical model, which needs no provider.';

create unique index idx_embedding_models_active on groundwork.embedding_models (state) where state = 'active';

-- No policy: only definer functions read and write the models.
alter table groundwork.embedding_models enable row level security;

revoke all on table groundwork.embedding_models from public, anon, authenticated, service_role;

-- The lexical model needs no key and no network. `npm run reembed` moves to another model.
insert into groundwork.embedding_models (name, state) values ('groundwork-lexical-1', 'active');

-- Returns the name of the active model.
--
-- Security definer: clients may know the active model, but may not read or change the table of models.
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

-- Returns the SHA-256 of the text in UTF-8, in lower-case hexadecimal.
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

-- thought_embeddings --------------------------------------------------------------------------------------------------

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

-- The embedding is stored in the row, so that comparing a few hundred embeddings reads one page for each. Stored
-- outside the row, each would take two more pages, and those of an index. From Postgres 16 on, the definition of the
-- column could say this.
alter table public.thought_embeddings alter column embedding set storage plain;

comment on table public.thought_embeddings is 'Embeddings of thoughts. A thought has one for each model.';
comment on column public.thought_embeddings.model_used is 'The model that made the embedding.';
comment on column public.thought_embeddings.content_hash is
    'The SHA-256 of the text that the embedding was made from. If the text of the thought has another hash now, the '
    'embedding is stale.';
comment on column public.thought_embeddings.embedding is 'The embedding: 1536 numbers, a vector of length 1.';
comment on column public.thought_embeddings.code is
    'The signs of the 1536 numbers, one bit for each. The more bits of two codes differ, the greater is the angle '
    'between their vectors.';

create index idx_thought_embeddings_user_id_model_used_code
on public.thought_embeddings (user_id, model_used)
include (thought_id, code);

create trigger set_updated_at
before update on public.thought_embeddings
for each row
when (old.content_hash <> new.content_hash)
execute function groundwork.set_updated_at();

alter table public.thought_embeddings enable row level security;

create policy "users can read the vectors of their own thoughts"
on public.thought_embeddings
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

revoke all on table public.thought_embeddings from public, anon, authenticated, service_role;
grant select on table public.thought_embeddings to authenticated;
grant select, insert, update, delete on table public.thought_embeddings to service_role;

-- memory_embeddings ---------------------------------------------------------------------------------------------------

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

alter table public.memory_embeddings alter column embedding set storage plain;

comment on table public.memory_embeddings is 'Embeddings of memories. A memory has one for each model.';
comment on column public.memory_embeddings.model_used is 'The model that made the embedding.';
comment on column public.memory_embeddings.content_hash is
    'The SHA-256 of the text that the embedding was made from. If the text of the memory has another hash now, the '
    'embedding is stale.';
comment on column public.memory_embeddings.embedding is 'The embedding: 1536 numbers, a vector of length 1.';
comment on column public.memory_embeddings.code is
    'The signs of the 1536 numbers, one bit for each. The more bits of two codes differ, the greater is the angle '
    'between their vectors.';

create index idx_memory_embeddings_user_id_model_used_code
on public.memory_embeddings (user_id, model_used)
include (memory_id, code);

create trigger set_updated_at
before update on public.memory_embeddings
for each row
when (old.content_hash <> new.content_hash)
execute function groundwork.set_updated_at();

alter table public.memory_embeddings enable row level security;

create policy "users can read the vectors of their own memories"
on public.memory_embeddings
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

revoke all on table public.memory_embeddings from public, anon, authenticated, service_role;
grant select on table public.memory_embeddings to authenticated;
grant select, insert, update, delete on table public.memory_embeddings to service_role;

-- circle_embeddings ---------------------------------------------------------------------------------------------------

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

comment on table public.circle_embeddings is
    'Centroids of circles. The centroid is the mean of the embeddings of a circle''s thoughts.';
comment on column public.circle_embeddings.model_used is 'The model that made the embeddings.';
comment on column public.circle_embeddings.content_hash is
    'A hash of the thoughts that the centroid was made from. If they have another hash now, the centroid is stale.';
comment on column public.circle_embeddings.embedding is 'The centroid: 1536 numbers, a vector of length 1.';

create trigger set_updated_at
before update on public.circle_embeddings
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

alter table public.circle_embeddings enable row level security;

create policy "users can read the vectors of their own circles"
on public.circle_embeddings
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

-- No insert, update or delete of embeddings: they are computed, and are deleted with the row that they belong to.

revoke all on table public.circle_embeddings from public, anon, authenticated, service_role;
grant select on table public.circle_embeddings to authenticated;
grant select, insert, update, delete on table public.circle_embeddings to service_role;

-- groundwork.embedding_queue ------------------------------------------------------------------------------------------

-- It has one row for each text without a current embedding. So looking for work takes the same time however many texts
-- are done.
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

comment on table groundwork.embedding_queue is 'The thoughts and memories whose present text has no embedding yet.';
comment on column groundwork.embedding_queue.attempts is
    'How often the text was claimed. After 8 claims without success it is given up.';
comment on column groundwork.embedding_queue.due_at is
    'When the text can be claimed next: after the lease, after a backoff, or when there may be money for it.';
comment on column groundwork.embedding_queue.is_unpaid is
    'Whether the text waits because the monthly limit of its user is used up.';
comment on column groundwork.embedding_queue.failed_at is
    'When the text was given up. It stays so until it changes, or until retry_failed_embeddings() is called.';

-- These two indexes are partial. Without their conditions, statistics from a time when the queue was empty could make
-- Postgres use the index of memories when a thought is deleted, or the index of thoughts when a memory is deleted.
create index idx_embedding_queue_user_id_thought_id on groundwork.embedding_queue (user_id, thought_id)
where thought_id is not null;
create index idx_embedding_queue_user_id_memory_id on groundwork.embedding_queue (user_id, memory_id)
where memory_id is not null;
create index idx_embedding_queue_line on groundwork.embedding_queue (model_used, user_id, due_at)
where failed_at is null and not is_unpaid;
create index idx_embedding_queue_unpaid_user_id on groundwork.embedding_queue (user_id) where is_unpaid;
create index idx_embedding_queue_unpaid_due_at on groundwork.embedding_queue (due_at) where is_unpaid;

alter table groundwork.embedding_queue enable row level security;

revoke all on table groundwork.embedding_queue from public, anon, authenticated, service_role;
revoke all on sequence groundwork.embedding_queue_id_seq from public, anon, authenticated, service_role;

-- The texts that a worker may embed when due_at has passed.
create view groundwork.claimable_embeddings
with (security_invoker = true)
as
select *
from groundwork.embedding_queue
where failed_at is null and not is_unpaid;

comment on view groundwork.claimable_embeddings is
    'The texts of the queue that were not given up and do not wait for money.';

revoke all on table groundwork.claimable_embeddings from public, anon, authenticated, service_role;

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.active_embedding_model, groundwork.content_hash
from public, anon, authenticated, service_role;

grant execute on function groundwork.active_embedding_model to authenticated, service_role;
