-- Personas: what a text says about a person, as structured JSON.
-- Needs: identity.

-- Tables --------------------------------------------------------------------------------------------------------------

create table public.personas (
    id uuid constraint personas_pkey primary key default gen_random_uuid(),
    user_id uuid not null default groundwork.current_user_id()
        constraint personas_user_id_fkey references public.users (id) on delete cascade,
    title varchar(200),
    raw_text text not null,
    persona jsonb not null,
    source text,
    model_used varchar(100),
    prompt_version varchar(50),
    cost numeric not null default 0,
    replaces uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint personas_user_id_id_key unique (user_id, id),
    constraint personas_user_id_replaces_fkey
        foreign key (user_id, replaces) references public.personas (user_id, id) on delete set null (replaces),
    constraint personas_title_check check (title ~ '\S'),
    constraint personas_raw_text_check check (raw_text ~ '\S'),
    constraint personas_persona_check check (jsonb_typeof(persona) = 'object'),
    constraint personas_cost_check check (cost >= 0 and groundwork.is_amount(cost)),
    constraint personas_replaces_check check (replaces <> id)
);

-- Indexes -------------------------------------------------------------------------------------------------------------

create index idx_personas_user_id_created_at on public.personas (user_id, created_at desc);
create index idx_personas_user_id_updated_at on public.personas (user_id, updated_at desc);
create index idx_personas_user_id_replaces on public.personas (user_id, replaces);

-- Triggers ------------------------------------------------------------------------------------------------------------

create trigger set_updated_at
before update on public.personas
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

-- Row-level security --------------------------------------------------------------------------------------------------

alter table public.personas enable row level security;

create policy "people can read their own personas"
on public.personas
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "people can make personas of their own"
on public.personas
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()));

create policy "people can update their own personas"
on public.personas
for update
to authenticated
using (user_id = (select groundwork.current_user_id()))
with check (user_id = (select groundwork.current_user_id()));

create policy "people can delete their own personas"
on public.personas
for delete
to authenticated
using (user_id = (select groundwork.current_user_id()));

-- Grants --------------------------------------------------------------------------------------------------------------

revoke all on table public.personas from public, anon, authenticated, service_role;

-- Not model_used, prompt_version, cost and replaces, which say how the persona was made: only who made it knows.
grant select, delete on table public.personas to authenticated;
grant
    insert (user_id, title, raw_text, persona, source),
    update (title, raw_text, persona, source)
on table public.personas to authenticated;
grant select, insert, update, delete on table public.personas to service_role;

-- Comments ------------------------------------------------------------------------------------------------------------

comment on table public.personas is 'A structured description of somebody, and the text that it was made from.';
comment on column public.personas.user_id is 'Who made it, not whom it describes.';
comment on column public.personas.raw_text is 'The text as it was given.';
comment on column public.personas.persona is 'A JSON object; its fields may grow without a migration.';
comment on column public.personas.source is 'Where the text is from: a file name, a URL, a note.';
comment on column public.personas.model_used is 'The model that made the persona; null when a person wrote it.';
comment on column public.personas.prompt_version is 'Version of the prompts that the model was given.';
comment on column public.personas.cost is 'What making it cost, in US dollars; 0 when a person wrote it.';
comment on column public.personas.replaces is
    'The persona that this one was made anew from, which stays as it was. Its deletion sets it to null.';
