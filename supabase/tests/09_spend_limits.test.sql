begin;
\ir helpers.psql
select plan(27);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger', 'newcomer']) as name;
insert into public.campaigns (id, user_id, name, budget, start_date)
values (md5('launch')::uuid, tests.get_supabase_uid('owner'), 'Launch', 100, '2020-01-01');
insert into public.user_spend_limits (user_id, monthly_limit, max_queued_jobs)
values (tests.get_supabase_uid('owner'), 5, 7), (tests.get_supabase_uid('stranger'), 900, null);

-- Visitor ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_visitor();
select throws_ok('select from public.user_spend_limits', '42501', 'permission denied for table user_spend_limits');
select throws_ok('select public.monthly_spending()', '42501', 'permission denied for function monthly_spending');
select throws_ok(
    $$select public.get_model_prices('gpt-5')$$,
    '42501',
    'permission denied for function get_model_prices'
);

-- Newcomer -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('newcomer');
select is_empty('select from public.user_spend_limits', 'newcomers see no limit');
select results_eq(
    $$select
        (answer ->> 'month')::date,
        (answer ->> 'monthly_limit')::numeric,
        (answer ->> 'spent')::numeric,
        (answer ->> 'reserved')::numeric
    from public.monthly_spending() as answer$$,
    $$values (date_trunc('month', now() at time zone 'UTC')::date, 20.0, 0.0, 0.0)$$,
    'a user without a limit of their own has the limit for all users'
);

-- Stranger -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('stranger');
select results_eq(
    'select monthly_limit from public.user_spend_limits',
    array[900::numeric],
    'strangers see their own limit only'
);

-- Owner --------------------------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
select throws_ok(
    $$update public.user_spend_limits set monthly_limit = 1000$$,
    '42501',
    'permission denied for table user_spend_limits',
    'owners do not raise their limit'
);
select throws_ok(
    'insert into public.user_spend_limits (monthly_limit) values (1000)',
    '42501',
    'permission denied for table user_spend_limits',
    'owners do not set a limit'
);
select throws_ok(
    'delete from public.user_spend_limits',
    '42501',
    'permission denied for table user_spend_limits',
    'owners do not delete their limit'
);
select throws_ok(
    $$select public.set_model_price('gpt-5', 'input', 0)$$,
    '42501',
    'permission denied for function set_model_price',
    'owners do not change the price of a model'
);
select throws_ok(
    $$delete from groundwork.leases$$,
    '42501',
    'permission denied for table leases',
    'owners do not free what running jobs have reserved'
);
insert into public.budget_entries (resource_type, cost, campaign_id) values ('ad_spend', 3, md5('launch')::uuid);
select is(
    (public.monthly_spending() ->> 'spent')::numeric,
    0::numeric,
    'what users pay for ads does not count as spent by their agents'
);

-- Service ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_service_role();
select throws_ok('select from groundwork.model_prices', '42501', 'permission denied for table model_prices');
select throws_ok(
    'update groundwork.monthly_spends set spent = 0',
    '42501',
    'permission denied for table monthly_spends',
    'not even the backend writes the sum of a month'
);
select is(public.get_model_prices('no such model'), null::jsonb, 'an unknown model has no price');
select is(
    (public.get_model_prices('gpt-4o') ->> 'output')::numeric,
    0.00001,
    'prices are returned for one unit'
);
select lives_ok(
    $$select public.set_model_price('gpt-4o', 'output', 20, valid_from => now() - interval '1 day')$$,
    'the backend adds a price'
);
select lives_ok(
    $$select public.set_model_price('gpt-4o', 'output', 30, valid_from => now() + interval '1 day')$$,
    'the backend adds a price that is valid later'
);
select is(
    (public.get_model_prices('gpt-4o') ->> 'output')::numeric,
    0.00002,
    'the latest valid price counts'
);
select throws_ok(
    $$select public.set_model_price('gpt-4o', 'output', -1)$$,
    '23514',
    null,
    'a price is not negative'
);
select throws_ok(
    $$select public.set_model_price('gpt-4o', 'output', 10001)$$,
    '23514',
    null,
    'a price that must be a typing error is refused'
);
insert into public.budget_entries (user_id, resource_type, cost, campaign_id)
values (tests.get_supabase_uid('owner'), 'openai_api', 2.5, md5('launch')::uuid);
insert into public.budget_entries (user_id, resource_type, cost, created_at)
values (tests.get_supabase_uid('owner'), 'openai_api', 9, now() - interval '40 days');

-- What is left of it --------------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
select is(
    (public.monthly_spending() ->> 'spent')::numeric,
    2.5,
    'a month''s spending is the sum of its ledger entries, without ads and other months'
);
select tests.clear_authentication();
select results_eq(
    $$select spent from groundwork.monthly_spends where user_id = tests.get_supabase_uid('owner') order by month$$,
    $$values (9::numeric), (2.5)$$,
    'each month has a sum of its own'
);
update public.budget_entries set cost = 1.5 where cost = 2.5;
select is(
    (
        select spent
        from groundwork.monthly_spends
        where user_id = tests.get_supabase_uid('owner') and month = groundwork.month_of(now())
    ),
    1.5,
    'a correction changes the sum of the month'
);
select set_config('request.jwt.claims', json_build_object('sub', tests.get_supabase_uid('owner'))::text, true);
update public.user_spend_limits set monthly_limit = 100 where user_id = tests.get_supabase_uid('owner');
select public.enqueue_agent_job('analyst', '{}', md5('launch')::uuid, max_cost => 10);
select public.claim_agent_jobs('worker');
select throws_like(
    $$update public.campaigns set budget = 14.499999 where id = md5('launch')::uuid$$,
    '%"code": "GW802"%',
    'a budget does not fall below what is spent and reserved'
);
select lives_ok(
    $$update public.campaigns set budget = 14.5 where id = md5('launch')::uuid$$,
    'a budget may fall to exactly what is spent and reserved'
);
delete from auth.users where id = tests.get_supabase_uid('owner');
select is_empty(
    $$select user_id from groundwork.monthly_spends union all
    select user_id from public.user_spend_limits where monthly_limit = 100$$,
    'deleting an account deletes its sums and limits'
);

select * from finish();
rollback;
