begin;
\ir helpers.psql
select plan(16);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger']) as name;

-- An adopter's own agent type is one row.
insert into groundwork.agent_types (name, purpose, required_inputs, inputs, default_max_cost)
values ('translator', 'Translates a text.', '{text}', '{"text": "string", "into": "string"}', 0);
insert into groundwork.agent_types (name, purpose, is_open_to_users, default_max_cost)
values ('janitor', 'Tidies up.', false, 0);

-- Owner ---------------------------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
select results_eq(
    $$
        select agent_type, max_cost
        from public.enqueue_agent_job('translator', '{"text": "Guten Tag", "into": "English"}')
    $$,
    $$values ('translator', 0::numeric)$$,
    'users enqueue jobs of an agent type that was added'
);
select throws_like(
    $$select public.enqueue_agent_job('translator', '{"into": "English"}')$$,
    '%GW705%Job 1: translator needs text.%',
    'a job without a required input is refused'
);
select throws_like(
    $$select public.enqueue_agent_job('translator', '{"text": "Hallo", "from": "German"}')$$,
    '%GW705%Job 1: translator takes no from.%',
    'a job takes only the inputs of its type'
);
select throws_like(
    $$select public.enqueue_agent_jobs('[{"agent_type": "poet", "input_data": {}}]')$$,
    '%GW705%Job 1: There is no agent type poet.%',
    'an agent type that nobody added is refused'
);
select throws_like(
    $$select public.enqueue_agent_jobs('[{"input_data": {}}]')$$,
    '%GW705%Job 1: agent_type is missing.%',
    'a job needs an agent type'
);
select throws_like(
    $$select public.enqueue_agent_job('janitor', '{}')$$,
    '%GW705%Job 1: Jobs of janitor are not queued by users.%',
    'users do not enqueue jobs of a type that is not open to them'
);
select throws_ok(
    'select from groundwork.agent_types',
    '42501',
    'permission denied for table agent_types'
);

-- Service role --------------------------------------------------------------------------------------------------------

select tests.authenticate_as_service_role();
select is(
    (select array_agg(agent_type) from public.claim_agent_jobs('worker', agent_types => '{translator}')),
    '{translator}',
    'a worker claims jobs of that type'
);
select is_empty(
    $$select from public.claim_agent_jobs('worker', agent_types => '{seo_writer}')$$,
    'a worker gets no jobs of that type when it asks for other types'
);

-- Owner of the schema -------------------------------------------------------------------------------------------------

select tests.clear_authentication();
select throws_like(
    $$delete from groundwork.agent_types where name = 'translator'$$,
    '%GW709%There are jobs of translator.%',
    'an agent type with jobs can''t be deleted'
);
select throws_like(
    $$update groundwork.agent_types set name = 'interpreter' where name = 'translator'$$,
    '%GW709%There are jobs of translator.%',
    'an agent type with jobs can''t be renamed'
);
select throws_like(
    'truncate groundwork.agent_types',
    '%GW709%There are jobs of some types.%',
    'agent types can''t be truncated while there are jobs'
);
select lives_ok(
    $$update groundwork.agent_types set name = name, default_max_cost = 1 where name = 'translator'$$,
    'an agent type with jobs can be changed in other respects'
);
select lives_ok(
    $$update groundwork.agent_types set name = 'caretaker' where name = 'janitor'$$,
    'an agent type without jobs can be renamed'
);
delete from public.agent_jobs where agent_type = 'translator';
select lives_ok(
    $$delete from groundwork.agent_types where name in ('translator', 'caretaker')$$,
    'an agent type without jobs can be deleted'
);
select throws_ok(
    $$insert into groundwork.agent_types (name, purpose, default_max_cost) values ('Poet "1"', 'Rhymes.', 0)$$,
    '23514',
    null,
    'a name is a plain word, because claims write it into JSON as it is'
);

select * from finish();
rollback;
