begin;
\ir helpers.psql
select plan(19);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger', 'newcomer']) as name;
insert into public.tasks (user_id, title, created_at, updated_at)
values
    (tests.get_supabase_uid('owner'), 'Water the tomatoes', '2020-01-01', '2020-01-01'),
    (tests.get_supabase_uid('owner'), 'Mend the fence', '2020-01-01', '2020-01-01'),
    (tests.get_supabase_uid('stranger'), 'Find the moth', '2020-01-01', '2020-01-01');

-- Visitor ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_visitor();
select throws_ok('select from public.tasks', '42501', 'permission denied for table tasks');
select throws_ok(
    $$insert into public.tasks (title) values ('X')$$,
    '42501',
    'permission denied for table tasks'
);

-- Newcomer -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('newcomer');
select is_empty('select from public.tasks', 'newcomers see no task');
select lives_ok($$insert into public.tasks (title) values ('Sign up')$$, 'newcomers write tasks');
select results_eq(
    'select user_id, completed from public.tasks',
    $$values (tests.get_supabase_uid('newcomer'), false)$$,
    'a task belongs to the user who wrote it, and is open'
);

-- Stranger -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('stranger');
select results_eq('select title::text from public.tasks', array['Find the moth'], 'strangers see their own tasks only');
select is(
    tests.rows_changed($$update public.tasks set completed = true where title <> 'Find the moth'$$),
    0::bigint,
    'strangers do not complete tasks of others'
);
select is(
    tests.rows_changed($$delete from public.tasks where title <> 'Find the moth'$$),
    0::bigint,
    'strangers do not delete tasks of others'
);
select throws_ok(
    $$insert into public.tasks (user_id, title) values (tests.get_supabase_uid('owner'), 'X')$$,
    '42501',
    'new row violates row-level security policy for table "tasks"',
    'strangers give no tasks to others'
);

-- Owner --------------------------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
select is(
    tests.rows_changed($$update public.tasks set completed = true where title = 'Water the tomatoes'$$),
    1::bigint,
    'owners complete their tasks'
);
select throws_ok(
    $$update public.tasks set user_id = tests.get_supabase_uid('stranger')$$,
    '42501',
    'permission denied for table tasks',
    'owners do not give their tasks away'
);
select throws_ok(
    $$insert into public.tasks (id, title) values (1, 'X')$$,
    '428C9',
    null,
    'owners do not choose ids'
);
select throws_ok(
    $$update public.tasks set updated_at = '2020-01-01'$$,
    '42501',
    'permission denied for table tasks',
    'owners do not write updated_at'
);
select throws_ok($$insert into public.tasks (title) values ('')$$, '23514', null, 'a task has a title');
select throws_ok(
    $$insert into public.tasks (title) values (repeat('x', 201))$$,
    '22001',
    null,
    'a title has at most 200 characters'
);
select lives_ok(
    $$insert into public.tasks (title) values (repeat('x', 200))$$,
    'a title may have 200 characters'
);
select is(
    tests.rows_changed($$delete from public.tasks where title = 'Mend the fence'$$),
    1::bigint,
    'owners delete their tasks'
);

-- What is left of it --------------------------------------------------------------------------------------------------

select tests.clear_authentication();
select results_eq(
    $$select title::text, completed, created_at = '2020-01-01', updated_at = now()
    from public.tasks
    where title in ('Water the tomatoes', 'Find the moth')
    order by 1$$,
    $$values ('Find the moth', false, true, false), ('Water the tomatoes', true, true, true)$$,
    'only the task that its owner changed has changed'
);
delete from auth.users where id = tests.get_supabase_uid('owner');
select is_empty(
    $$select from public.tasks where user_id = tests.get_supabase_uid('owner')$$,
    'deleting an account deletes its tasks'
);

select * from finish();
rollback;
