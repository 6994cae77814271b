begin;
\ir helpers.psql
select plan(42);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger', 'newcomer']) as name;

-- Identity columns count up, so the tests look up ids by the texts of the rows.
create function tests.circle(name text) returns bigint language sql stable security definer as
$$select id from public.circles where circle_name = name$$;
create function tests.thought(name text) returns bigint language sql stable security definer as
$$select id from public.thoughts where thought_text = name$$;
create function tests.intention(name text) returns bigint language sql stable security definer as
$$select id from public.intentions where intention_text = name$$;

insert into public.circles (user_id, circle_name, updated_at)
values
    (tests.get_supabase_uid('owner'), 'Family', '2020-01-01'),
    (tests.get_supabase_uid('stranger'), 'Garden', '2020-01-01');
insert into public.thoughts (user_id, thought_text, circle_id, updated_at)
values
    (tests.get_supabase_uid('owner'), 'Mother sounded tired', tests.circle('Family'), '2020-01-01'),
    (tests.get_supabase_uid('owner'), 'Father walks a lot', null, '2020-01-01'),
    (tests.get_supabase_uid('stranger'), 'Tomatoes need sun', tests.circle('Garden'), '2020-01-01');
insert into public.intentions (user_id, intention_text, status, updated_at)
values
    (tests.get_supabase_uid('owner'), 'Call mother', 'active', '2020-01-01'),
    (tests.get_supabase_uid('owner'), 'Walk with father', 'archived', '2020-01-01'),
    (tests.get_supabase_uid('stranger'), 'Build a greenhouse', 'active', '2020-01-01');
insert into public.intention_cares (user_id, intention_id, thought_id)
values (
    tests.get_supabase_uid('owner'),
    tests.intention('Call mother'),
    tests.thought('Mother sounded tired')
);
insert into public.stories (user_id, story_text)
values (tests.get_supabase_uid('owner'), 'We went to the sea.');

-- Visitor ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_visitor();
select throws_ok('select from public.circles', '42501', 'permission denied for table circles');
select throws_ok('select from public.thoughts', '42501', 'permission denied for table thoughts');
select throws_ok('select from public.intentions', '42501', 'permission denied for table intentions');
select throws_ok('select from public.intention_cares', '42501', 'permission denied for table intention_cares');
select throws_ok('select from public.stories', '42501', 'permission denied for table stories');
select throws_ok(
    $$select public.complete_intention(1, 'Done.')$$,
    '42501',
    'permission denied for function complete_intention'
);

-- Newcomer -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('newcomer');
select is_empty('select from public.circles', 'newcomers see no circle');
select is_empty('select from public.thoughts', 'newcomers see no thought');
select is_empty('select from public.intentions', 'newcomers see no intention');
select is_empty('select from public.intention_cares', 'newcomers see no link');
select is_empty('select from public.stories', 'newcomers see no story');

-- Stranger -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('stranger');
select results_eq('select circle_name from public.circles', array['Garden'], 'strangers see their own circles only');
select results_eq(
    'select thought_text from public.thoughts',
    array['Tomatoes need sun'],
    'strangers see their own thoughts only'
);
select is(
    tests.rows_changed($$update public.thoughts set reflection = 'X' where id = tests.thought('Father walks a lot')$$),
    0::bigint,
    'strangers do not change thoughts of others'
);
select is(
    tests.rows_changed($$delete from public.circles where id = tests.circle('Family')$$),
    0::bigint,
    'strangers do not delete circles of others'
);
select is(
    tests.rows_changed($$delete from public.stories where user_id = tests.get_supabase_uid('owner')$$),
    0::bigint,
    'strangers do not delete stories of others'
);
select throws_ok(
    $$insert into public.thoughts (user_id, thought_text) values (tests.get_supabase_uid('owner'), 'X')$$,
    '42501',
    'new row violates row-level security policy for table "thoughts"',
    'strangers write no thoughts for others'
);
select throws_ok(
    $$insert into public.thoughts (thought_text, circle_id) values ('X', tests.circle('Family'))$$,
    '23503',
    null,
    'strangers place no thought in a circle of others'
);
select throws_ok(
    $$insert into public.intention_cares (intention_id, thought_id)
    values (tests.intention('Build a greenhouse'), tests.thought('Father walks a lot'))$$,
    '23503',
    null,
    'strangers link no thought of others'
);
select throws_ok(
    $$insert into public.intention_cares (intention_id, thought_id)
    values (tests.intention('Call mother'), tests.thought('Tomatoes need sun'))$$,
    '23503',
    null,
    'strangers link no intention of others'
);
select throws_like(
    $$select public.complete_intention(tests.intention('Call mother'), 'Done.')$$,
    '%"code": "GW201"%',
    'strangers complete no intention of others'
);

-- Owner --------------------------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
select is(
    (select care_frequency from public.circles),
    2,
    'a circle counts the thought placed in it, and the intention linked to that thought'
);
select lives_ok(
    $$update public.thoughts set circle_id = tests.circle('Family') where thought_text = 'Father walks a lot'$$,
    'owners place their thoughts in their circles'
);
select is((select care_frequency from public.circles), 3, 'a circle counts a thought that is moved into it');
select throws_ok(
    $$update public.circles set care_frequency = 100$$,
    '42501',
    'permission denied for table circles',
    'owners do not write care_frequency, which is counted'
);
select throws_ok(
    $$update public.thoughts set novelty_score = 1$$,
    '42501',
    'permission denied for table thoughts',
    'owners do not write novelty_score, which is computed'
);
select throws_ok(
    $$update public.thoughts set user_id = tests.get_supabase_uid('stranger')$$,
    '42501',
    'permission denied for table thoughts',
    'owners do not give their thoughts away'
);
select throws_ok(
    $$insert into public.thoughts (thought_text) values (' ')$$,
    '23514',
    null,
    'a thought has a text'
);
select throws_ok(
    $$update public.stories set story_text = 'It rained.'$$,
    '42501',
    'permission denied for table stories',
    'owners do not change a story, which is a record'
);
select throws_ok(
    $$insert into public.stories (story_text, intention_id) values ('Done.', tests.intention('Call mother'))$$,
    '42501',
    'permission denied for table stories',
    'only complete_intention() writes the story of an intention'
);
select throws_like(
    $$update public.intentions set status = 'completed' where intention_text = 'Call mother'$$,
    '%"code": "GW205"%',
    'an intention is not completed by writing its status'
);
select throws_like(
    $$select public.complete_intention(tests.intention('Call mother'), ' ')$$,
    '%"code": "GW204"%',
    'a story has a text'
);
select throws_like(
    $$select public.complete_intention(tests.intention('Walk with father'), 'Done.')$$,
    '%"code": "GW203"%',
    'an archived intention is not completed'
);
select is(
    (public.complete_intention(tests.intention('Call mother'), 'She laughed.')).story_text,
    'She laughed.',
    'owners complete their intentions'
);
select is((select care_frequency from public.circles), 4, 'a circle counts a completed intention');
select throws_like(
    $$select public.complete_intention(tests.intention('Call mother'), 'Again.')$$,
    '%"code": "GW202"%',
    'an intention is completed only once'
);
select throws_like(
    $$update public.intentions set status = 'active' where intention_text = 'Call mother'$$,
    '%"code": "GW202"%',
    'a completed intention stays completed'
);
select is(
    tests.rows_changed($$delete from public.circles where circle_name = 'Family'$$),
    1::bigint,
    'owners delete their circles'
);
select is(
    (select count(*) from public.thoughts where circle_id is null),
    2::bigint,
    'thoughts outlive their circle'
);
select is(
    tests.rows_changed($$delete from public.intentions where intention_text = 'Call mother'$$),
    1::bigint,
    'owners delete their intentions'
);
select results_eq(
    'select story_text from public.stories where intention_id is null order by 1',
    array['She laughed.', 'We went to the sea.'],
    'stories outlive their intention'
);

-- What is left of it --------------------------------------------------------------------------------------------------

select tests.clear_authentication();
select results_eq(
    $$select updated_at = now() from public.thoughts order by id$$,
    array[true, true, false],
    'only the thoughts that changed have a new updated_at'
);

select * from finish();
rollback;
