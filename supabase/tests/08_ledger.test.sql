begin;
\ir helpers.psql
select plan(30);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger', 'newcomer']) as name;
insert into public.campaigns (id, user_id, name, budget, start_date)
values
    (md5('launch')::uuid, tests.get_supabase_uid('owner'), 'Launch', 100, '2020-01-01'),
    (md5('email')::uuid, tests.get_supabase_uid('owner'), 'Email', 100, '2020-01-01'),
    (md5('rival')::uuid, tests.get_supabase_uid('stranger'), 'Rival', 100, '2020-01-01');
insert into public.agent_jobs (id, user_id, agent_type, input_data, campaign_id)
values
    (md5('blog')::uuid, tests.get_supabase_uid('owner'), 'seo_writer', '{}', md5('launch')::uuid),
    (md5('spy')::uuid, tests.get_supabase_uid('stranger'), 'analyst', '{}', md5('rival')::uuid);
insert into public.budget_entries (user_id, resource_type, cost, description, updated_at)
values (tests.get_supabase_uid('stranger'), 'web_search', 1, 'Spying', '2020-01-01');

-- Visitor ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_visitor();
select throws_ok('select from public.budget_entries', '42501', 'permission denied for table budget_entries');

-- Newcomer -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('newcomer');
select is_empty('select from public.budget_entries', 'newcomers see no entry');
select throws_ok(
    $$insert into public.budget_entries (user_id, resource_type, cost)
    values (tests.get_supabase_uid('owner'), 'ad_spend', 1)$$,
    '42501',
    'new row violates row-level security policy for table "budget_entries"',
    'newcomers spend nobody else''s money'
);
select throws_ok(
    $$insert into public.budget_entries (resource_type, cost, campaign_id)
    values ('ad_spend', 1, md5('launch')::uuid)$$,
    '23503',
    null,
    'newcomers do not let campaigns of others pay'
);

-- Owner --------------------------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
select is_empty('select from public.budget_entries', 'owners do not see the ledger of others');
select lives_ok(
    $$insert into public.budget_entries (resource_type, cost, description, campaign_id)
    values
        ('ad_spend', 20.5, 'Posters', md5('launch')::uuid),
        ('ad_spend', 10, 'Flyers', md5('launch')::uuid),
        ('ad_spend', 7, 'Stamps', md5('email')::uuid),
        ('ad_spend', 3, 'Pencils', null)$$,
    'owners enter what they spent on ads'
);
select is((select count(*) from public.budget_entries), 4::bigint, 'owners see the entries that they wrote');
select results_eq(
    'select name::text, spend, budget_remaining, budget_used_percentage from public.campaigns order by 1',
    $$values ('Email', 7::numeric, 93::numeric, 7::numeric), ('Launch', 30.5, 69.5, 30.5)$$,
    'a campaign''s spend is the sum of its ledger entries'
);
select lives_ok(
    $$insert into public.budget_entries (resource_type, cost, campaign_id)
    values ('ad_spend', -10, md5('launch')::uuid)$$,
    'a correction is another entry'
);
select is(
    (select spend from public.campaigns where id = md5('launch')::uuid),
    20.5,
    'a negative correction lowers the sum'
);
select throws_ok(
    $$insert into public.budget_entries (resource_type, cost) values ('openai_api', 1)$$,
    '42501',
    'new row violates row-level security policy for table "budget_entries"',
    'owners do not enter what agents spend'
);
select throws_ok(
    $$insert into public.budget_entries (resource_type, cost, agent_job_id)
    values ('ad_spend', 1, md5('blog')::uuid)$$,
    '42501',
    'permission denied for table budget_entries',
    'owners do not enter costs of a job'
);
select throws_ok(
    $$insert into public.budget_entries (resource_type, cost, tokens_used) values ('ad_spend', 1, 1)$$,
    '42501',
    'permission denied for table budget_entries',
    'owners do not enter tokens'
);
select throws_ok(
    $$update public.budget_entries set cost = 0$$,
    '42501',
    'permission denied for table budget_entries',
    'owners do not change entries'
);
select throws_ok(
    'delete from public.budget_entries',
    '42501',
    'permission denied for table budget_entries',
    'owners do not delete entries'
);
select throws_ok(
    $$insert into public.budget_entries (resource_type, cost) values ('ad_spend', 'NaN')$$,
    '23514',
    null,
    'a cost is a number'
);
select throws_ok(
    'select groundwork.keep_sums()',
    '42501',
    'permission denied for function keep_sums',
    'owners do not call the function that keeps the sums'
);

-- Stranger -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('stranger');
select results_eq(
    'select description::text from public.budget_entries',
    array['Spying'],
    'strangers see their own ledger only'
);

-- Service ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_service_role();
select lives_ok(
    $$insert into public.budget_entries (user_id, resource_type, cost, tokens_used, agent_job_id, campaign_id)
    values
        (
            tests.get_supabase_uid('owner'), 'openai_api', 0.025, 2500,
            md5('blog')::uuid, md5('launch')::uuid
        ),
        (
            tests.get_supabase_uid('owner'), 'web_search', 0.005, 0,
            md5('blog')::uuid, md5('launch')::uuid
        )$$,
    'the backend enters what a job spent'
);
select results_eq(
    $$select cost, tokens_used from public.agent_jobs where id = md5('blog')::uuid$$,
    $$values (0.03, 2500::bigint)$$,
    'a job''s cost and tokens are the sums of its ledger entries'
);
select is(
    (select spend from public.campaigns where id = md5('launch')::uuid),
    20.53,
    'the campaign of a job pays for it'
);
select throws_ok(
    $$insert into public.budget_entries (user_id, resource_type, cost, campaign_id)
    values (tests.get_supabase_uid('stranger'), 'openai_api', 1, md5('launch')::uuid)$$,
    '23503',
    null,
    'no campaign pays for another user'
);
select throws_ok(
    $$insert into public.budget_entries (user_id, resource_type, cost, agent_job_id)
    values (tests.get_supabase_uid('stranger'), 'openai_api', 1, md5('blog')::uuid)$$,
    '23503',
    null,
    'no job costs another user anything'
);
select is(
    tests.rows_changed(
        $$update public.budget_entries set campaign_id = md5('email')::uuid where description = 'Posters'$$
    ),
    1::bigint,
    'an entry moves to another campaign'
);
select results_eq(
    'select name::text, spend from public.campaigns order by 1',
    $$values ('Email', 27.5), ('Launch', 0.03), ('Rival', 0)$$,
    'the cost moves to the other campaign with the entry'
);
select is(
    tests.rows_changed($$delete from public.budget_entries where description = 'Stamps'$$),
    1::bigint,
    'an entry is deleted'
);

-- What is left of it --------------------------------------------------------------------------------------------------

select tests.clear_authentication();
select results_eq(
    'select name::text, spend from public.campaigns order by 1',
    $$values ('Email', 20.5), ('Launch', 0.03), ('Rival', 0)$$,
    'deleting an entry lowers the sums'
);
select results_eq(
    $$select description::text, updated_at = now() from public.budget_entries
    where description in ('Posters', 'Spying')
    order by 1$$,
    $$values ('Posters', true), ('Spying', false)$$,
    'only the entry that was changed has a new updated_at'
);
delete from public.campaigns where id = md5('email')::uuid;
select results_eq(
    $$select campaign_id, cost from public.budget_entries where description = 'Posters'$$,
    $$values (null::uuid, 20.5)$$,
    'an entry outlives its campaign, because the money was spent'
);
delete from public.agent_jobs where id = md5('blog')::uuid;
select is_empty(
    $$select from public.budget_entries where resource_type in ('openai_api', 'web_search') and description is null$$,
    'deleting a job deletes its entries'
);

select * from finish();
rollback;
