-- Persona writing: an agent makes personas from texts.
-- Needs: helpers, personas, jobs_tables, jobs_api.
-- Adds to: agent_types, personas, agent_jobs.

insert into groundwork.agent_types (name, purpose, required_inputs, inputs, max_input_bytes, default_max_cost)
values (
    'persona_writer',
    'Makes a persona of a text.',
    '{raw_text}',
    '{"raw_text": "string", "title": "string", "source": "string", "replaces": "string"}',
    -- The text may tell a whole life, while the input of other agents is about a page.
    1048576,
    0.5
)
on conflict (name) do nothing;

-- personas ------------------------------------------------------------------------------------------------------------

alter table public.personas
    add column agent_job_id uuid,
    add constraint personas_user_id_agent_job_id_fkey
        foreign key (user_id, agent_job_id) references public.agent_jobs (user_id, id)
        on delete set null (agent_job_id);

comment on column public.personas.agent_job_id is
    'The job that made the persona; null when a user wrote it. Deleting the job sets it to null.';

-- A job makes one persona at most.
create unique index idx_personas_user_id_agent_job_id on public.personas (user_id, agent_job_id);

-- agent_jobs ----------------------------------------------------------------------------------------------------------

-- Trigger: makes one persona from a completed persona_writer job, with the cost of the job.
--
-- The usage of the job is in the ledger already, so its cost is final. The trigger runs as the owner of the schema,
-- like all functions that settle jobs.
create function groundwork.apply_persona_writer()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    replaced_id uuid;
begin
    -- A persona that was deleted in the meantime, or that belongs to another user, can't be replaced.
    select former.id
    into replaced_id
    from public.personas as former
    where former.user_id = new.user_id and former.id::text = lower(new.input_data ->> 'replaces')
    for key share;

    insert into public.personas (
        user_id, title, raw_text, persona, source, model_used, prompt_version, cost, replaces, agent_job_id
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

create trigger apply_persona_writer
after update of output_data on public.agent_jobs
for each row
when (new.agent_type = 'persona_writer' and new.status = 'completed' and old.status <> 'completed')
execute function groundwork.apply_persona_writer();

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.apply_persona_writer
from public, anon, authenticated, service_role;
