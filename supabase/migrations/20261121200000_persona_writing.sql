-- Persona writing: personas that an agent makes of a text.
-- Needs: personas, agent jobs, job queue.

-- Tables --------------------------------------------------------------------------------------------------------------

alter table public.personas
    add column agent_job_id uuid,
    add constraint personas_user_id_agent_job_id_fkey
        foreign key (user_id, agent_job_id) references public.agent_jobs (user_id, id)
        on delete set null (agent_job_id);

-- Indexes -------------------------------------------------------------------------------------------------------------

-- A job makes one persona, whatever happens.
create unique index idx_personas_user_id_agent_job_id on public.personas (user_id, agent_job_id);

-- Functions -----------------------------------------------------------------------------------------------------------

-- The ledger has the usage of the job by now, so its cost is final.
-- Runs as the owner of the schema, as whatever settles jobs does.
create function groundwork.apply_persona_writer()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    replaced_id uuid;
begin
    -- One that was deleted meanwhile, or was never the person's own, is nothing to replace.
    select former.id
    into replaced_id
    from public.personas as former
    where former.user_id = new.user_id and former.id::text = lower(new.input_data ->> 'replaces')
    for key share;

    insert into public.personas (
        user_id,
        title,
        raw_text,
        persona,
        source,
        model_used,
        prompt_version,
        cost,
        replaces,
        agent_job_id
    )
    select
        new.user_id,
        left(
            case
                when new.input_data ->> 'title' ~ '\S' then new.input_data ->> 'title'
                else new.output_data -> 'persona' ->> 'name'
            end,
            200
        ),
        new.input_data ->> 'raw_text',
        new.output_data -> 'persona',
        new.input_data ->> 'source',
        left(new.output_data ->> 'model_used', 100),
        left(new.output_data ->> 'prompt_version', 50),
        new.cost,
        replaced_id,
        new.id
    where jsonb_typeof(new.output_data -> 'persona') = 'object';
    return null;
end
$$;

create function public.update_persona(persona_id uuid, changes jsonb)
returns public.personas
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    changed public.personas;
begin
    if jsonb_typeof(changes) is distinct from 'object' then
        perform groundwork.raise_error('GW402', format('changes is of type %s.', coalesce(jsonb_typeof(changes), 'null')));
    end if;
    -- In one statement, so that two sessions' changes of different fields are both kept.
    update public.personas as known
    set
        -- Joined, not compared one by one: there may be very many fields of both.
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

-- Triggers ------------------------------------------------------------------------------------------------------------

create trigger apply_persona_writer
after update of output_data on public.agent_jobs
for each row
when (new.agent_type = 'persona_writer' and new.status = 'completed' and old.status <> 'completed')
execute function groundwork.apply_persona_writer();

-- Grants --------------------------------------------------------------------------------------------------------------

revoke all on function groundwork.apply_persona_writer() from public, anon, authenticated, service_role;
revoke all on function public.update_persona(uuid, jsonb) from public, anon, authenticated, service_role;

grant execute on function public.update_persona(uuid, jsonb) to authenticated;

-- Data ----------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    ('GW401', 404, 'There is no such persona.', 'Read your own personas and use the id of one of them.'),
    ('GW402', 400, 'Changes of a persona are a JSON object.', 'Send the fields to change; null takes a field away.');

-- Comments ------------------------------------------------------------------------------------------------------------

comment on column public.personas.agent_job_id is
    'The job that made it; null when a person wrote it. The job''s deletion sets it to null.';

comment on function groundwork.apply_persona_writer() is
    'Trigger: a completed job of the persona_writer makes one persona, with what it cost.';
comment on function public.update_persona(uuid, jsonb) is
    'Merges fields into a persona of the caller: those that are not named stay, null takes one away. A plain update '
    'replaces the whole. Errors: GW401, GW402.';
