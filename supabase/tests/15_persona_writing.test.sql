begin;
\ir helpers.psql
select plan(28);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger']) as name;
create function tests.persona(name text) returns uuid language sql stable security definer as
$$select id from public.personas where title = name$$;

insert into public.personas (user_id, title, raw_text, persona, updated_at)
values
    (
        tests.get_supabase_uid('owner'),
        'Former',
        'John is friendly.',
        '{"name": "John", "traits": ["friendly"], "favourite_number": 7}',
        '2020-01-01'
    ),
    (tests.get_supabase_uid('stranger'), 'Mary', 'Mary is smart.', '{"name": "Mary"}', '2020-01-01');

-- Changing -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as_visitor();
select throws_ok(
    $$select public.update_persona(gen_random_uuid(), '{}')$$,
    '42501',
    'permission denied for function update_persona'
);

select tests.authenticate_as('owner');
select is(
    (public.update_persona(tests.persona('Former'), '{"traits": ["friendly", "smart"]}')).persona,
    '{"name": "John", "traits": ["friendly", "smart"], "favourite_number": 7}',
    'fields that are not named survive, also unknown ones'
);
select is(
    (public.update_persona(tests.persona('Former'), '{"name": null, "city": "Porto"}')).persona,
    '{"city": "Porto", "traits": ["friendly", "smart"], "favourite_number": 7}',
    'null removes a field, and new fields are added'
);
select is(
    (public.update_persona(tests.persona('Former'), '{"city": {"name": null}, "nothing": null}')).persona -> 'city',
    '{"name": null}',
    'only fields at the top level are merged'
);
select is((select updated_at from public.personas where title = 'Former'), now(), 'an update changes updated_at');
select throws_like(
    $$select public.update_persona(tests.persona('Mary'), '{}')$$,
    '%"GW401"%',
    'personas of other users are not changed'
);
select throws_like($$select public.update_persona(tests.persona('Former'), '[]')$$, '%"GW402"%of type array%');
select throws_like($$select public.update_persona(tests.persona('Former'), null)$$, '%"GW402"%of type null%');
select throws_ok(
    $$update public.personas set cost = 0$$,
    '42501',
    'permission denied for table personas',
    'users do not write what a persona cost'
);
select throws_ok(
    $$insert into public.personas (raw_text, persona, replaces) values ('x', '{}', gen_random_uuid())$$,
    '42501',
    'permission denied for table personas',
    'users do not write which persona it replaces'
);
select throws_ok(
    $$insert into public.personas (raw_text, persona, agent_job_id) values ('x', '{}', gen_random_uuid())$$,
    '42501',
    'permission denied for table personas',
    'users do not write which job made it'
);

-- Writing ------------------------------------------------------------------------------------------------------------

select is(
    (
        public.enqueue_agent_job(
            'persona_writer',
            jsonb_build_object('raw_text', 'John sings.', 'source', 'a letter', 'replaces', tests.persona('Former'))
        )
    ).status,
    'pending',
    'users enqueue the job that makes a persona'
);
select tests.authenticate_as_service_role();
select public.set_model_price('m', 'input', 1);
create temporary table lease as select * from public.claim_agent_jobs('test');
-- An attempt that failed and cost something.
select public.fail_agent_job(
    id,
    lease_token,
    'busy',
    true,
    '[{"model": "m", "kind": "input", "quantity": 1000000, "request_id": "one"}]'
)
from lease;
select tests.clear_authentication();
update groundwork.job_queue set run_after = null, max_cost = 5;
select tests.authenticate_as_service_role();
delete from lease;
insert into lease select * from public.claim_agent_jobs('test');
select is_empty('select from public.personas where agent_job_id is not null', 'a failed attempt makes none');
create function pg_temp.complete(output jsonb, spent jsonb default '[]') returns void language sql as
$$select public.complete_agent_job(id, lease_token, output, '[]', spent) from lease$$;
select pg_temp.complete(
    '{"persona": {"name": "John", "traits": ["musical"]}, "model_used": "m", "prompt_version": "p/1"}',
    '[{"model": "m", "kind": "input", "quantity": 500000, "request_id": "two"}]'
);
select results_eq(
    $$
        select user_id, title::text, raw_text, persona, source, model_used::text, prompt_version::text, replaces
        from public.personas
        where agent_job_id = (select id from lease)
    $$,
    $$
        values (
            tests.get_supabase_uid('owner'),
            'John',
            'John sings.',
            '{"name": "John", "traits": ["musical"]}'::jsonb,
            'a letter',
            'm',
            'p/1',
            tests.persona('Former')
        )
    $$,
    'a completed job makes one persona, with its text and the persona that it replaces'
);
select is(
    (select cost from public.personas where title = 'John'),
    1.5,
    'the persona has the cost of all attempts together'
);
select is(
    (select sum(cost) from public.budget_entries where agent_job_id = (select id from lease)),
    1.5,
    'the cost is the sum of the ledger entries'
);
select is((select count(*) from public.personas where title = 'Former'), 1::bigint, 'the replaced persona stays');
select throws_like(
    $$select pg_temp.complete('{"persona": {"name": "Again"}}')$$,
    '%"GW703"%',
    'a job is completed only once'
);
select is((select count(*) from public.personas), 3::bigint, 'a job makes only one persona');
select tests.clear_authentication();
select throws_ok(
    $$
        insert into public.personas (user_id, raw_text, persona, agent_job_id)
        select user_id, 'x', '{}', agent_job_id from public.personas where title = 'John'
    $$,
    '23505',
    null,
    'not even the owner of the schema adds a second persona of a job'
);

create function pg_temp.next_job(input jsonb) returns void language plpgsql as
$$
begin
    perform tests.authenticate_as('owner');
    perform public.enqueue_agent_job('persona_writer', input);
    perform tests.authenticate_as_service_role();
    delete from lease;
    insert into lease select * from public.claim_agent_jobs('test');
end
$$;
select pg_temp.next_job(
    jsonb_build_object('raw_text', 'x', 'title', 'Of another', 'replaces', upper(tests.persona('Mary')::text))
);
select lives_ok($$select pg_temp.complete('{"persona": {}}')$$);
select results_eq(
    $$select replaces, cost, model_used::text from public.personas where title = 'Of another'$$,
    'values (null::uuid, 0::numeric, null::text)',
    'a persona of another user is not replaced'
);
select pg_temp.next_job(
    jsonb_build_object('raw_text', 'x', 'title', 'Upper', 'replaces', upper(tests.persona('John')::text))
);
select pg_temp.complete('{"persona": {}}');
select is(
    (select replaces from public.personas where title = 'Upper'),
    tests.persona('John'),
    'the id in replaces may be in upper case'
);
select pg_temp.next_job('{"raw_text": "x", "title": "Nonsense", "replaces": "nonsense"}');
select lives_ok($$select pg_temp.complete('{"persona": {}}')$$, 'a text in replaces that is no id is ignored');
select pg_temp.next_job('{"raw_text": "x", "title": "Nothing"}');
select lives_ok($$select pg_temp.complete('{}')$$, 'an output without a persona makes none');
select is_empty($$select from public.personas where title = 'Nothing'$$);

select tests.authenticate_as('owner');
select tests.rows_changed($$delete from public.personas where title = 'John'$$);
select is((select replaces from public.personas where title = 'Upper'), null, 'a deleted persona is not replaced');
select tests.clear_authentication();
select lives_ok('delete from public.agent_jobs', 'personas outlive their jobs');

select * from finish();
rollback;
