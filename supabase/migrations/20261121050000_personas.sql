-- Personas: structured descriptions of persons, made from texts.
-- Needs: helpers, identity.

-- personas ------------------------------------------------------------------------------------------------------------

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

comment on table public.personas is 'Structured descriptions of persons, each with the text that it was made from.';
comment on column public.personas.user_id is 'The user who made the persona, not the person whom it describes.';
comment on column public.personas.raw_text is 'The text as it was given.';
comment on column public.personas.persona is 'A JSON object. New fields in it need no migration.';
comment on column public.personas.source is 'Where the text is from: a file name, a URL or a note.';
comment on column public.personas.model_used is 'The model that made the persona; null when a user wrote it.';
comment on column public.personas.prompt_version is 'The version of the prompts that the model was given.';
comment on column public.personas.cost is 'What it cost to make the persona, in US dollars; 0 when a user wrote it.';
comment on column public.personas.replaces is
    'The earlier persona that this one replaces. The earlier one stays as it was. Deleting the earlier one sets it to '
    'null.';

create index idx_personas_user_id_created_at on public.personas (user_id, created_at desc);
create index idx_personas_user_id_updated_at on public.personas (user_id, updated_at desc);
create index idx_personas_user_id_replaces on public.personas (user_id, replaces);

create trigger set_updated_at
before update on public.personas
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

alter table public.personas enable row level security;

create policy "users can read their own personas"
on public.personas
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "users can make personas of their own"
on public.personas
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()));

create policy "users can update their own personas"
on public.personas
for update
to authenticated
using (user_id = (select groundwork.current_user_id()))
with check (user_id = (select groundwork.current_user_id()));

create policy "users can delete their own personas"
on public.personas
for delete
to authenticated
using (user_id = (select groundwork.current_user_id()));

revoke all on table public.personas from public, anon, authenticated, service_role;
-- Users may not write model_used, prompt_version, cost and replaces, because only the backend knows how the persona was
-- made.
grant select, delete on table public.personas to authenticated;
grant
    insert (user_id, title, raw_text, persona, source),
    update (title, raw_text, persona, source)
on table public.personas to authenticated;
grant select, insert, update, delete on table public.personas to service_role;

-- Functions -----------------------------------------------------------------------------------------------------------

create function public.update_persona(persona_id uuid, changes jsonb)
returns public.personas
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    changed public.personas;
begin
    if jsonb_typeof(changes) is distinct from 'object' then
        perform groundwork.raise_error(
            'GW402',
            format('changes is of type %s.', coalesce(jsonb_typeof(changes), 'null'))
        );
    end if;
    -- This is one statement, so that changes of different fields by two sessions are both kept.
    update public.personas as known
    set
        -- This is a join and not a comparison of each field with each change, because both may have very many fields.
        persona = (
            select coalesce(jsonb_object_agg(field.key, coalesce(change.value, field.value)), '{}')
            from jsonb_each(known.persona || changes) as field
            left join jsonb_each(changes) as change on change.key = field.key
            where change.value is distinct from 'null'
        )
    where known.id = persona_id and known.user_id = groundwork.current_user_id()
    returning known.* into changed;
    if not found then
        perform groundwork.raise_error('GW401', format('Persona %s.', persona_id));
    end if;
    return changed;
end
$$;

comment on function public.update_persona(uuid, jsonb) is
    'Merges fields into a persona of the caller, and returns the persona. Fields that are not named stay. A field '
    'whose new value is null is removed. A plain update replaces the whole object. Errors: GW401, GW402.';

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    ('GW401', 404, 'There is no such persona.', 'Read your own personas and use the id of one of them.'),
    ('GW402', 400, 'Changes of a persona are a JSON object.', 'Send the fields to change; null takes a field away.');

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    public.update_persona(uuid, jsonb)
from public, anon, authenticated, service_role;

grant execute on function public.update_persona(uuid, jsonb) to authenticated;
