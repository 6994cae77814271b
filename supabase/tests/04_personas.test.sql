begin;
\ir helpers.psql
select plan(19);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger', 'newcomer']) as name;
insert into public.personas (user_id, raw_text, persona, model_used, created_at, updated_at)
values
    (tests.get_supabase_uid('owner'), 'John is friendly.', '{"name": "John"}', 'm', '2020-01-01', '2020-01-01'),
    (tests.get_supabase_uid('stranger'), 'Mary is smart.', '{"name": "Mary"}', 'm', '2020-01-01', '2020-01-01');

-- Visitor ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_visitor();
select throws_ok('select from public.personas', '42501', 'permission denied for table personas');
select throws_ok(
    $$insert into public.personas (raw_text, persona) values ('X', '{}')$$,
    '42501',
    'permission denied for table personas'
);

-- Newcomer -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('newcomer');
select is_empty('select from public.personas', 'newcomers see no persona');
select lives_ok(
    $$insert into public.personas (raw_text, persona) values ('Sue sings.', '{"name": "Sue"}')$$,
    'newcomers make personas'
);
select results_eq(
    'select user_id, model_used::text from public.personas',
    $$values (tests.get_supabase_uid('newcomer'), null::text)$$,
    'a persona belongs to the user who made it'
);

-- Stranger -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('stranger');
select results_eq(
    'select raw_text from public.personas',
    array['Mary is smart.'],
    'strangers see their own personas only'
);
select is(
    tests.rows_changed($$update public.personas set persona = '{}' where raw_text = 'John is friendly.'$$),
    0::bigint,
    'strangers do not change personas of others'
);
select is(
    tests.rows_changed($$delete from public.personas where raw_text = 'John is friendly.'$$),
    0::bigint,
    'strangers do not delete personas of others'
);
select throws_ok(
    $$insert into public.personas (user_id, raw_text, persona) values (tests.get_supabase_uid('owner'), 'X', '{}')$$,
    '42501',
    'new row violates row-level security policy for table "personas"',
    'strangers make no personas for others'
);

-- Owner --------------------------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
select is(
    tests.rows_changed($$update public.personas set persona = '{"name": "John", "traits": ["friendly"]}'$$),
    1::bigint,
    'owners update their personas'
);
select throws_ok(
    $$update public.personas set user_id = tests.get_supabase_uid('stranger')$$,
    '42501',
    'permission denied for table personas',
    'owners do not give their personas away'
);
select throws_ok(
    $$update public.personas set model_used = 'mine'$$,
    '42501',
    'permission denied for table personas',
    'owners do not write which model made a persona'
);
select throws_ok(
    $$insert into public.personas (raw_text, persona, prompt_version) values ('X', '{}', '1')$$,
    '42501',
    'permission denied for table personas',
    'owners do not write which prompts made a persona'
);
select throws_ok(
    $$insert into public.personas (raw_text, persona) values ('X', '[]')$$,
    '23514',
    null,
    'a persona is a JSON object'
);
select throws_ok(
    $$insert into public.personas (raw_text, persona) values (' ', '{}')$$,
    '23514',
    null,
    'a persona has the text that it was made from'
);

-- Service ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_service_role();
select is(
    tests.rows_changed(
        $$update public.personas set model_used = 'm2' where user_id = tests.get_supabase_uid('owner')$$
    ),
    1::bigint,
    'the backend writes which model made a persona'
);

-- What is left of it --------------------------------------------------------------------------------------------------

select tests.clear_authentication();
select results_eq(
    $$select raw_text, persona -> 'traits' ->> 0, created_at = '2020-01-01', updated_at = now()
    from public.personas
    where user_id <> tests.get_supabase_uid('newcomer')
    order by 1$$,
    $$values ('John is friendly.', 'friendly', true, true), ('Mary is smart.', null, true, false)$$,
    'only the persona that its owner changed has changed'
);
update public.personas set raw_text = raw_text where raw_text = 'Mary is smart.';
select is(
    (select updated_at from public.personas where raw_text = 'Mary is smart.'),
    '2020-01-01',
    'an update that changes nothing does not change updated_at'
);
delete from auth.users where id = tests.get_supabase_uid('owner');
select is_empty(
    $$select from public.personas where user_id = tests.get_supabase_uid('owner')$$,
    'deleting an account deletes its personas'
);

select * from finish();
rollback;
