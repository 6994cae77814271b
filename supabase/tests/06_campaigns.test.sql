begin;
\ir helpers.psql
select plan(41);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger', 'newcomer']) as name;
insert into public.campaigns (id, user_id, name, budget, spend, start_date, updated_at)
values
    (md5('launch')::uuid, tests.get_supabase_uid('owner'), 'Launch', 10000, 2500, '2020-01-01', '2020-01-01'),
    (md5('plain')::uuid, tests.get_supabase_uid('owner'), 'Plain', 0, 0, '2020-01-01', '2020-01-01'),
    (md5('rival')::uuid, tests.get_supabase_uid('stranger'), 'Rival', 500, 0, '2020-01-01', '2020-01-01');
insert into public.content_assets (id, user_id, title, content, content_type, updated_at)
values
    (md5('teaser')::uuid, tests.get_supabase_uid('owner'), 'Teaser', 'Soon', 'social', '2020-01-01'),
    (md5('post')::uuid, tests.get_supabase_uid('owner'), 'Post', 'Read this', 'blog', '2020-01-01'),
    (md5('leak')::uuid, tests.get_supabase_uid('stranger'), 'Leak', 'Psst', 'social', '2020-01-01');

-- Visitor ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_visitor();
select throws_ok('select from public.campaigns', '42501', 'permission denied for table campaigns');
select throws_ok('select from public.content_assets', '42501', 'permission denied for table content_assets');

-- Newcomer -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('newcomer');
select is_empty('select from public.campaigns', 'newcomers see no campaign');
select is_empty('select from public.content_assets', 'newcomers see no content');

-- Stranger -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('stranger');
select results_eq('select name::text from public.campaigns', array['Rival'], 'strangers see their own campaigns only');
select results_eq(
    'select title::text from public.content_assets',
    array['Leak'],
    'strangers see their own content only'
);
select is(
    tests.rows_changed($$update public.campaigns set budget = 1 where id = md5('launch')::uuid$$),
    0::bigint,
    'strangers do not change campaigns of others'
);
select is(
    tests.rows_changed($$delete from public.campaigns where id = md5('launch')::uuid$$),
    0::bigint,
    'strangers do not delete campaigns of others'
);
select is(
    tests.rows_changed($$update public.content_assets set status = 'review' where id = md5('teaser')::uuid$$),
    0::bigint,
    'strangers do not move content of others'
);
select is(
    tests.rows_changed($$delete from public.content_assets where id = md5('teaser')::uuid$$),
    0::bigint,
    'strangers do not delete content of others'
);
select throws_ok(
    $$insert into public.campaigns (user_id, name, start_date) values (tests.get_supabase_uid('owner'), 'X', now())$$,
    '42501',
    'new row violates row-level security policy for table "campaigns"',
    'strangers plan no campaigns for others'
);
select throws_ok(
    $$insert into public.content_assets (user_id, title, content, content_type)
    values (tests.get_supabase_uid('owner'), 'X', 'X', 'blog')$$,
    '42501',
    'new row violates row-level security policy for table "content_assets"',
    'strangers write no content for others'
);
select throws_ok(
    $$insert into public.content_assets (title, content, content_type, campaign_id)
    values ('X', 'X', 'blog', md5('launch')::uuid)$$,
    '23503',
    null,
    'strangers put no content into campaigns of others'
);

-- Owner: derived values ----------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
select results_eq(
    'select name::text, budget_remaining, budget_used_percentage from public.campaigns order by 1',
    $$values ('Launch', 7500::numeric, 25::numeric), ('Plain', 0::numeric, 0::numeric)$$,
    'a campaign shows what is left and the percentage that is used, which is 0 for a budget of 0'
);
select throws_ok(
    $$update public.campaigns set spend = 0$$,
    '42501',
    'permission denied for table campaigns',
    'owners do not write what was spent'
);
select throws_ok(
    $$update public.campaigns set impressions = 1000000$$,
    '42501',
    'permission denied for table campaigns',
    'owners do not write what analytics counts'
);
select throws_ok(
    $$update public.campaigns set user_id = tests.get_supabase_uid('stranger')$$,
    '42501',
    'permission denied for table campaigns',
    'owners do not give their campaigns away'
);
select is(
    tests.rows_changed($$update public.campaigns set budget = 5000 where id = md5('launch')::uuid$$),
    1::bigint,
    'owners change the budget'
);
select is(
    (select budget_used_percentage from public.campaigns where id = md5('launch')::uuid),
    50::numeric,
    'budget_used_percentage follows the budget'
);
select throws_ok(
    $$update public.campaigns set budget = -1$$,
    '23514',
    null,
    'a budget is not negative'
);
select throws_ok($$update public.campaigns set budget = 'NaN'$$, '23514', null, 'a budget is a number');
select throws_ok(
    $$update public.campaigns set end_date = '2019-12-31'$$,
    '23514',
    null,
    'a campaign does not end before it starts'
);

-- Owner: the workflow of content -------------------------------------------------------------------------------------

select throws_ok(
    $$insert into public.content_assets (title, content, content_type, status) values ('X', 'X', 'blog', 'approved')$$,
    '42501',
    'permission denied for table content_assets',
    'content that users write starts as a draft'
);
select lives_ok(
    $$insert into public.content_assets (title, content, content_type) values ('Memo', 'X', 'email')$$,
    'owners write content'
);
select throws_like(
    $$update public.content_assets set status = 'approved' where title = 'Teaser'$$,
    '%"code": "GW601"%',
    'a draft is not approved without review'
);
select throws_like(
    $$update public.content_assets set status = 'published' where title = 'Teaser'$$,
    '%"code": "GW601"%',
    'a draft is not published'
);
select lives_ok(
    $$update public.content_assets set status = 'review', campaign_id = md5('launch')::uuid where title = 'Teaser'$$,
    'draft → review'
);
select lives_ok($$update public.content_assets set status = 'draft' where title = 'Teaser'$$, 'review → draft');
select lives_ok($$update public.content_assets set status = 'review' where title = 'Teaser'$$, 'and again');

select tests.authenticate_as_service_role();
select throws_like(
    $$update public.content_assets set status = 'approved' where title = 'Teaser'$$,
    '%"code": "GW602"%',
    'the backend does not approve content'
);
select throws_ok(
    $$update public.campaigns set spend = 0$$,
    '42501',
    'permission denied for table campaigns',
    'the backend does not write what was spent'
);
select is(
    tests.rows_changed($$update public.campaigns set impressions = 125000 where id = md5('launch')::uuid$$),
    1::bigint,
    'the backend writes what analytics counts'
);

select tests.authenticate_as('owner');
select lives_ok(
    $$update public.content_assets set status = 'approved' where title = 'Teaser'$$,
    'the owner changes review to approved'
);
select throws_like(
    $$update public.content_assets set status = 'draft' where title = 'Teaser'$$,
    '%"code": "GW601"%',
    'approved content does not go back'
);
select lives_ok(
    $$update public.content_assets set status = 'published' where title = 'Teaser'$$,
    'approved → published'
);
select lives_ok(
    $$update public.content_assets set status = 'archived' where title = 'Teaser'$$,
    'published → archived'
);
select throws_like(
    $$update public.content_assets set status = 'published' where title = 'Teaser'$$,
    '%"code": "GW601"%',
    'archived content stays archived'
);
select throws_ok(
    $$update public.content_assets set metadata = '[]' where id = md5('teaser')::uuid$$,
    '23514',
    null,
    'metadata is a JSON object'
);

-- What is left of it --------------------------------------------------------------------------------------------------

select tests.clear_authentication();
select results_eq(
    $$select name::text as name, budget, impressions, updated_at = now() from public.campaigns
    union all
    select title, null, null, updated_at = now() from public.content_assets where title in ('Teaser', 'Post', 'Leak')
    order by name$$,
    $$values
        ('Launch', 5000::numeric, 125000::bigint, true),
        ('Leak', null, null, false),
        ('Plain', 0, 0, false),
        ('Post', null, null, false),
        ('Rival', 500, 0, false),
        ('Teaser', null, null, true)$$,
    'only the rows that the owner or the backend changed have changed'
);
delete from public.campaigns where id = md5('launch')::uuid;
select results_eq(
    $$select campaign_id, user_id from public.content_assets where id = md5('teaser')::uuid$$,
    $$values (null::uuid, tests.get_supabase_uid('owner'))$$,
    'content outlives its campaign'
);
delete from auth.users where id = tests.get_supabase_uid('owner');
select is(
    (select count(*) from public.campaigns) + (select count(*) from public.content_assets),
    2::bigint,
    'deleting an account deletes its campaigns and content'
);

select * from finish();
rollback;
