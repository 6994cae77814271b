begin;
\ir helpers.psql
select plan(26);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger', 'newcomer']) as name;
insert into public.campaigns (id, user_id, name, start_date)
values
    (md5('launch')::uuid, tests.get_supabase_uid('owner'), 'Launch', '2020-01-01'),
    (md5('rival')::uuid, tests.get_supabase_uid('stranger'), 'Rival', '2020-01-01');
insert into public.agent_jobs (id, user_id, agent_type, input_data, campaign_id, updated_at)
values
    (md5('blog')::uuid, tests.get_supabase_uid('owner'), 'seo_writer', '{}', md5('launch')::uuid, '2020-01-01'),
    (md5('spy')::uuid, tests.get_supabase_uid('stranger'), 'analyst', '{}', md5('rival')::uuid, '2020-01-01');

-- Visitor ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_visitor();
select throws_ok('select from public.agent_jobs', '42501', 'permission denied for table agent_jobs');

-- Newcomer -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('newcomer');
select is_empty('select from public.agent_jobs', 'newcomers see no job');

-- Stranger -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('stranger');
select results_eq(
    'select agent_type::text from public.agent_jobs',
    array['analyst'],
    'strangers see their own jobs only'
);
select throws_ok(
    $$insert into public.content_assets (title, content, content_type, agent_job_id)
    values ('X', 'X', 'blog', md5('blog')::uuid)$$,
    '42501',
    'permission denied for table content_assets',
    'strangers do not write content for a job'
);

-- Owner --------------------------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
select results_eq(
    'select agent_type::text, status::text, duration_seconds from public.agent_jobs',
    $$values ('seo_writer', 'pending', null::numeric)$$,
    'owners see their jobs, which have no duration before they have run'
);
select throws_ok(
    $$insert into public.agent_jobs (agent_type, input_data) values ('analyst', '{}')$$,
    '42501',
    'permission denied for table agent_jobs',
    'owners do not insert jobs'
);
select throws_ok(
    $$update public.agent_jobs set status = 'completed'$$,
    '42501',
    'permission denied for table agent_jobs',
    'owners do not write that a job is completed'
);
select throws_ok(
    $$update public.agent_jobs set cost = 0$$,
    '42501',
    'permission denied for table agent_jobs',
    'owners do not write what a job cost'
);
select throws_ok(
    'delete from public.agent_jobs',
    '42501',
    'permission denied for table agent_jobs',
    'owners do not delete jobs, because that would delete their costs'
);

-- The database itself ------------------------------------------------------------------------------------------------

select tests.clear_authentication();
update public.agent_jobs set status = 'running', started_at = '2020-01-01 10:00Z' where id = md5('blog')::uuid;
update public.agent_jobs set status = 'completed', completed_at = '2020-01-01 10:05Z' where id = md5('blog')::uuid;
select is(
    (select duration_seconds from public.agent_jobs where id = md5('blog')::uuid),
    300::numeric,
    'a completed job has a duration'
);
select throws_ok(
    $$update public.agent_jobs set completed_at = '2020-01-01 09:00Z' where id = md5('blog')::uuid$$,
    '23514',
    null,
    'a job does not end before it starts'
);
select throws_ok(
    $$insert into public.agent_jobs (user_id, agent_type, input_data, campaign_id)
    values (tests.get_supabase_uid('stranger'), 'analyst', '{}', md5('launch')::uuid)$$,
    '23503',
    null,
    'the campaign of another user does not pay for a job'
);
select throws_ok(
    $$insert into public.agent_jobs (user_id, agent_type, input_data)
    values (tests.get_supabase_uid('owner'), 'analyst', '[]')$$,
    '23514',
    null,
    'the input is a JSON object'
);

-- Service ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_service_role();
select throws_ok(
    $$update public.agent_jobs set status = 'running'$$,
    '42501',
    'permission denied for table agent_jobs',
    'not even the backend writes that a job runs'
);
select throws_ok(
    $$update public.agent_jobs set cost = 0.01$$,
    '42501',
    'permission denied for table agent_jobs',
    'not even the backend writes the cost, which is the sum of the ledger'
);
select throws_ok(
    $$update public.agent_jobs set tokens_used = 1$$,
    '42501',
    'permission denied for table agent_jobs'
);
select throws_ok(
    $$insert into public.agent_jobs (user_id, agent_type, input_data)
    values (tests.get_supabase_uid('owner'), 'analyst', '{}')$$,
    '42501',
    'permission denied for table agent_jobs',
    'not even the backend inserts jobs'
);
select throws_like(
    $$insert into public.content_assets (user_id, title, content, content_type, agent_job_id)
    values (tests.get_supabase_uid('owner'), 'AI', 'X', 'blog', md5('blog')::uuid)$$,
    '%"code": "GW701"%',
    'content that an agent wrote does not start as a draft'
);
select throws_like(
    $$insert into public.content_assets (user_id, title, content, content_type, status, agent_job_id)
    values (tests.get_supabase_uid('owner'), 'AI', 'X', 'blog', 'approved', md5('blog')::uuid)$$,
    '%"code": "GW%01"%',
    'content that an agent wrote does not start as approved'
);
select lives_ok(
    $$insert into public.content_assets (user_id, title, content, content_type, status, agent_job_id)
    values (tests.get_supabase_uid('owner'), 'AI', 'X', 'blog', 'review', md5('blog')::uuid)$$,
    'content that an agent wrote starts in review'
);
select throws_ok(
    $$insert into public.content_assets (user_id, title, content, content_type, status, agent_job_id)
    values (tests.get_supabase_uid('stranger'), 'AI', 'X', 'blog', 'review', md5('blog')::uuid)$$,
    '23503',
    null,
    'a job writes content for its own user only'
);

-- What is left of it --------------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
select lives_ok(
    $$update public.content_assets set status = 'approved' where title = 'AI'$$,
    'the owner approves what the agent wrote'
);
select tests.clear_authentication();
select results_eq(
    'select agent_type::text, status::text, updated_at = now() from public.agent_jobs order by 1',
    $$values ('analyst', 'pending', false), ('seo_writer', 'completed', true)$$,
    'only the job that the backend ran has changed'
);
delete from public.campaigns where id = md5('launch')::uuid;
select is(
    (select campaign_id from public.agent_jobs where id = md5('blog')::uuid),
    null::uuid,
    'a job outlives its campaign'
);
delete from public.agent_jobs where id = md5('blog')::uuid;
select results_eq(
    $$select agent_job_id, status::text from public.content_assets where title = 'AI'$$,
    $$values (null::uuid, 'approved')$$,
    'content outlives its job'
);
delete from auth.users where id = tests.get_supabase_uid('stranger');
select is_empty('select from public.agent_jobs', 'deleting an account deletes its jobs');

select * from finish();
rollback;
