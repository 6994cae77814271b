begin;
\ir helpers.psql
select plan(35);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger', 'newcomer']) as name;
insert into public.user_preferences (user_id, theme, created_at, updated_at)
values
    (tests.get_supabase_uid('owner'), 'medieval', '2020-01-01', '2020-01-01'),
    (tests.get_supabase_uid('stranger'), 'modern', '2020-01-01', '2020-01-01');
update public.users set timezone = 'Europe/London';

-- An account has its user --------------------------------------------------------------------------------------------

select results_eq(
    $$select auth_user_id, email, name from public.users where id = tests.get_supabase_uid('owner')$$,
    $$values (tests.get_supabase_uid('owner'), 'owner@example.com', 'owner')$$,
    'a sign-up makes the user'
);
insert into auth.users (id, email, is_sso_user)
values (tests.get_supabase_uid('double'), 'OWNER@example.com', true);
select results_eq(
    $$select error_code from groundwork.user_sync_errors where auth_user_id = tests.get_supabase_uid('double')$$,
    array['23505'],
    'an account that cannot be mirrored is still made, and the error is recorded'
);
select throws_ok(
    $$insert into public.users (id, auth_user_id, email, name)
    values (gen_random_uuid(), tests.get_supabase_uid('double'), 'x@example.com', 'X')$$,
    '23514',
    null,
    'a user has the id of the account'
);
select throws_ok(
    $$insert into public.users (email, name) values ('x@example.com', 'X')$$,
    '23514',
    null,
    'a user has an account'
);

-- Visitor ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_visitor();
select throws_ok('select from public.users', '42501', 'permission denied for table users');
select throws_ok('select from public.user_preferences', '42501', 'permission denied for table user_preferences');
select throws_ok('select public.ensure_user()', '42501', 'permission denied for function ensure_user');
select throws_ok('select from groundwork.user_sync_errors', '42501', 'permission denied for schema groundwork');

-- Owner --------------------------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
select results_eq('select email from public.users', array['owner@example.com'], 'owners read their own account');
select results_eq(
    'select theme::text from public.user_preferences',
    array['medieval'],
    'owners read their own preferences'
);
select is((public.ensure_user()).id, tests.get_supabase_uid('owner'), 'ensure_user() returns the caller''s own row');
select lives_ok($$update public.users set name = 'Ada', timezone = 'UTC'$$, 'owners choose name and time zone');
select throws_ok($$update public.users set name = ' '$$, '23514', null, 'a name is not blank');
select throws_ok(
    $$update public.users set timezone = 'Middle/Earth'$$,
    '23514',
    null,
    'a time zone must exist'
);
select throws_ok(
    $$update public.users set email = 'new@example.com'$$,
    '42501',
    'permission denied for table users',
    'owners do not write the e-mail address, which follows the account'
);
select throws_ok(
    $$update public.users set vibe_profile = '{}'$$,
    '42501',
    'permission denied for table users',
    'owners do not write their vibe profile, which is computed'
);
select throws_ok(
    $$insert into public.users (clerk_user_id, email, name) values ('user_x', 'x@example.com', 'X')$$,
    '42501',
    'permission denied for table users',
    'only a sign-up makes users'
);
select throws_ok('delete from public.users', '42501', 'permission denied for table users');
select throws_ok(
    'select from groundwork.user_sync_errors',
    '42501',
    'permission denied for table user_sync_errors',
    'owners do not read what failed at sign-up'
);
select lives_ok($$update public.user_preferences set theme = 'modern'$$, 'owners update their own preferences');
select throws_ok(
    $$update public.user_preferences set user_id = tests.get_supabase_uid('stranger')$$,
    '42501',
    'permission denied for table user_preferences',
    'owners do not give their preferences away'
);
select throws_ok(
    $$insert into public.user_preferences (theme) values ('modern')$$,
    '23505',
    null,
    'a user has preferences only once'
);

-- Stranger -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('stranger');
select is_empty(
    $$select from public.users where id = tests.get_supabase_uid('owner')$$,
    'strangers do not see the account'
);
select is_empty(
    $$select from public.user_preferences where user_id = tests.get_supabase_uid('owner')$$,
    'strangers do not see the preferences'
);
select is(
    tests.rows_changed($$update public.users set name = 'X' where id = tests.get_supabase_uid('owner')$$),
    0::bigint,
    'strangers do not rename others'
);
select is(
    tests.rows_changed(
        $$delete from public.user_preferences where user_id = tests.get_supabase_uid('owner')$$
    ),
    0::bigint,
    'strangers do not delete the preferences of others'
);

-- Newcomer -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('newcomer');
select is_empty('select from public.user_preferences', 'newcomers have no preferences, and see nobody else''s');
select throws_ok(
    $$insert into public.user_preferences (user_id) values (tests.get_supabase_uid('double'))$$,
    '42501',
    'new row violates row-level security policy for table "user_preferences"',
    'newcomers do not write preferences of others'
);
select lives_ok('insert into public.user_preferences default values', 'newcomers write their own preferences');
select results_eq(
    'select user_id from public.user_preferences',
    $$values (tests.get_supabase_uid('newcomer'))$$,
    'the preferences belong to the newcomer'
);

-- What is left of it --------------------------------------------------------------------------------------------------

select tests.clear_authentication();
select results_eq(
    $$select name, timezone, updated_at > created_at from public.users where id = tests.get_supabase_uid('owner')$$,
    $$values ('Ada', 'UTC', false)$$,
    'the account is as its owner left it'
);
select results_eq(
    $$select theme::text, created_at = '2020-01-01', updated_at = now()
    from public.user_preferences
    where user_id = tests.get_supabase_uid('owner')$$,
    $$values ('modern', true, true)$$,
    'an update moves updated_at and leaves created_at'
);
select results_eq(
    $$select updated_at
    from public.user_preferences
    where user_id = tests.get_supabase_uid('stranger')$$,
    array['2020-01-01'::timestamptz],
    'rows that nobody changed keep their updated_at'
);
update auth.users set email = 'changed@example.com' where id = tests.get_supabase_uid('owner');
select results_eq(
    $$select email, name from public.users where id = tests.get_supabase_uid('owner')$$,
    $$values ('changed@example.com', 'Ada')$$,
    'the user follows a changed account, but keeps what the user wrote'
);
delete from auth.users where id = tests.get_supabase_uid('owner');
select is_empty(
    $$select from public.users where id = tests.get_supabase_uid('owner')
    union all
    select from public.user_preferences where user_id = tests.get_supabase_uid('owner')$$,
    'deleting an account deletes all rows of the user'
);

select * from finish();
rollback;
