begin;
\ir helpers.psql
select plan(11);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger']) as name;

create function tests.book(name text, cost numeric, model text, at timestamptz, tokens bigint default 100)
returns uuid
language sql
as $$
    insert into public.budget_entries (user_id, resource_type, cost, tokens_used, model_used, created_at)
    values (tests.get_supabase_uid(name), 'openai_api', cost, tokens, model, at)
    returning id;
$$;

select tests.book('owner', 0.5, 'gpt-5', '2026-03-01 23:59:59+00');
select tests.book('stranger', 0.25, 'gpt-5', '2026-03-01 00:00:00+00');
select tests.book('owner', 1, 'gpt-5', '2026-03-02 00:00:00+00');
select tests.book('owner', 2, null, '2026-03-02 12:00:00+00');
insert into public.budget_entries (user_id, resource_type, cost, created_at)
values (tests.get_supabase_uid('owner'), 'ad_spend', 900, '2026-03-02 12:00:00+00');

-- Service role --------------------------------------------------------------------------------------------------------

select tests.authenticate_as_service_role();
select results_eq(
    $$select day, model, cost, tokens_used from public.get_daily_costs('2026-03-01', '2026-03-02')$$,
    $$
        values
            ('2026-03-01'::date, 'gpt-5', 0.75, 200.0),
            ('2026-03-02'::date, 'gpt-5', 1.0, 100.0),
            ('2026-03-02'::date, 'openai_api', 2.0, 100.0)
    $$,
    'costs of all users are summed up by day (UTC) and model, without ads'
);
select results_eq(
    $$select cost from public.get_daily_costs('2026-03-02', '2026-03-02') where model = 'gpt-5'$$,
    'values (1.0)',
    'both days are included, and no others'
);
select is_empty(
    $$select from public.get_daily_costs('2026-03-02', '2026-03-01')$$,
    'a range that ends before it begins has no days'
);

-- A correction changes the sum, also when another session writes it to another slot.
select tests.clear_authentication();
select tests.book('owner', -0.5, 'gpt-5', '2026-03-02 13:00:00+00', -100);
select is(
    (select cost from public.get_daily_costs('2026-03-02', '2026-03-02') where model = 'gpt-5'),
    0.5,
    'a correction lowers the sum of its day'
);
update public.budget_entries set model_used = 'gpt-4o', cost = 3 where cost = 2;
select results_eq(
    $$select model, cost from public.get_daily_costs('2026-03-02', '2026-03-02')$$,
    $$values ('gpt-4o', 3.0), ('gpt-5', 0.5), ('openai_api', 0.0)$$,
    'a changed entry counts with its present values'
);
-- A count that no provider can mean must not stop others from being booked.
select tests.book('stranger', 0, 'gpt-4o', '2026-03-02 14:00:00+00', 9223372036854775807);
select lives_ok(
    $$select tests.book('stranger', 0, 'gpt-4o', '2026-03-02 15:00:00+00', 9223372036854775807)$$,
    'the sum of tokens has no end'
);
select is(
    (select tokens_used from public.get_daily_costs('2026-03-02', '2026-03-02') where model = 'gpt-4o'),
    18446744073709551714.0,
    'and is counted right'
);
delete from public.budget_entries where cost = 3;
delete from auth.users where id = tests.get_supabase_uid('owner');
select is_empty(
    $$select from public.budget_entries where user_id = tests.get_supabase_uid('owner')$$,
    'the entries of a deleted user are gone'
);
select results_eq(
    $$select sum(cost) from public.get_daily_costs('2026-03-01', '2026-03-02')$$,
    'values (4.25)',
    'the sums of the project stay, because the providers were paid'
);

-- Others --------------------------------------------------------------------------------------------------------------

select tests.authenticate_as('stranger');
select throws_ok(
    $$select public.get_daily_costs('2026-03-01', '2026-03-02')$$,
    '42501',
    'permission denied for function get_daily_costs'
);
select throws_ok('select from groundwork.daily_costs', '42501', 'permission denied for table daily_costs');

select * from finish();
rollback;
