begin;
\ir helpers.psql
select plan(34);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger']) as name;

-- A vector in a plane, at this angle (in degrees) from the first axis.
create function tests.vector(degrees double precision) returns extensions.vector language sql immutable as
$$
select ('[' || cosd(degrees) || ',' || sind(degrees) || repeat(',0', 1534) || ']')::extensions.vector
$$;
create function tests.thought(name text) returns bigint language sql stable security definer as
$$select id from public.thoughts where thought_text = name$$;
create function tests.circle(name text) returns bigint language sql stable security definer as
$$select id from public.circles where circle_name = name$$;

-- A job of the user that a worker has claimed.
create function tests.hold_job(person text, token uuid) returns uuid language sql as
$$
with job as (
    insert into public.agent_jobs (user_id, agent_type, input_data, status, started_at)
    values (tests.get_supabase_uid(person), 'thought_organizer', '{}', 'running', now())
    returning id, user_id
)
insert into groundwork.leases (
    lease_token, job_id, position, user_id, reserved, retry_count, max_retries, worker_id, expires_at
)
select token, id, 0, user_id, 0, 0, 3, 'worker', now() + interval '1 minute'
from job
returning job_id
$$;
create function tests.plan(changes jsonb) returns jsonb language sql immutable as
$$
select
    '{"dry_run": false, "embedding_model": "groundwork-lexical-1", "joined": [], "circles": [], "novelty": []}'
    || changes
$$;

insert into public.circles (user_id, circle_name)
values
    (tests.get_supabase_uid('owner'), 'Garden'),
    (tests.get_supabase_uid('stranger'), 'Strange');
insert into public.thoughts (user_id, thought_text, circle_id, created_at)
select
    tests.get_supabase_uid(person),
    thought_text,
    case when circle_name is not null then tests.circle(circle_name) end,
    now() - make_interval(days => days)
from (
    values
        ('owner', 'Water', 'Garden', 9),
        ('owner', 'Sow', 'Garden', 8),
        ('owner', 'Weed', 'Garden', 7),
        ('owner', 'Prune', null, 6),
        ('owner', 'Taxes', null, 5),
        ('owner', 'Without vector', null, 4),
        ('owner', 'Changed', null, 3),
        ('stranger', 'Hers', null, 2)
) as written (person, thought_text, circle_name, days);
insert into public.thought_embeddings (user_id, thought_id, model_used, content_hash, embedding)
select
    thoughts.user_id,
    thoughts.id,
    'groundwork-lexical-1',
    case thoughts.thought_text when 'Changed' then 'h' else groundwork.content_hash(thoughts.thought_text) end,
    tests.vector(lying.degrees)::extensions.halfvec
from (
    values ('Water', 0), ('Sow', 20), ('Weed', 40), ('Prune', 10), ('Taxes', 90), ('Changed', 50), ('Hers', 10)
) as lying (thought_text, degrees)
join public.thoughts on thoughts.thought_text = lying.thought_text;

-- Who placed a thought
select is(
    (select array_agg(distinct placed_by::text) from public.thoughts where circle_id is not null),
    '{user}',
    'a thought that is written with a circle was placed by its user'
);
select is(
    (select count(*) from public.thoughts where circle_id is null and placed_by is not null),
    0::bigint,
    'a thought that is written without a circle was placed by nobody'
);
select tests.authenticate_as('owner');
select throws_ok(
    $$update public.thoughts set placed_by = null where thought_text = 'Water'$$,
    '42501',
    null,
    'users do not write who placed a thought'
);

-- Material
select tests.clear_authentication();
create temporary table held as
select
    tests.hold_job('owner', '11111111-1111-4111-8111-111111111111') as owner_job,
    tests.hold_job('stranger', '22222222-2222-4222-8222-222222222222') as stranger_job;
grant select on held to service_role, authenticated;
select tests.authenticate_as_service_role();
select throws_ok(
    $$select public.get_thoughts_to_organize(owner_job, '22222222-2222-4222-8222-222222222222') from held$$,
    'PGRST',
    null,
    'the lease of another job does not give access'
);
create temporary table material as
select public.get_thoughts_to_organize(owner_job, '11111111-1111-4111-8111-111111111111') as found from held;
select results_eq(
    $$select thought ->> 'text' from material, jsonb_array_elements(found -> 'thoughts') as thought order by 1$$,
    $$values ('Prune'), ('Taxes')$$,
    'a worker gets the unplaced thoughts of the user that have a current embedding'
);
select is(
    (select (found ->> 'not_embedded')::integer from material),
    2,
    'a worker sees how many thoughts have no current embedding'
);
select results_eq(
    $$
    select
        circle ->> 'name',
        (circle ->> 'members')::integer,
        round((circle ->> 'typical')::numeric, 3),
        round((circle ->> 'spread')::numeric, 3)
    from material, jsonb_array_elements(found -> 'circles') as circle
    $$,
    -- 0 and 40 are 30 degrees from the centre of the others, and 20 is at the centre.
    $$values ('Garden', 3, 0.911, 0.063)$$,
    'a worker gets the circles, with the similarity of their thoughts to the centre of the others'
);
select results_eq(
    $$
    select tests.thought('Sow') = (novelty ->> 'thought_id')::bigint, round((novelty ->> 'novelty_score')::numeric, 3)
    from material, jsonb_array_elements(found -> 'novelty') as novelty
    where (novelty ->> 'thought_id')::bigint in (tests.thought('Water'), tests.thought('Sow'))
    order by 2
    $$,
    $$values (true, 0.060), (false, 1.000)$$,
    'the novelty of the first thought is 1, and that of the next one is 1 minus its similarity'
);
select is(
    (
        select round((novelty ->> 'novelty_score')::numeric, 3)
        from material, jsonb_array_elements(found -> 'novelty') as novelty
        where (novelty ->> 'thought_id')::bigint = tests.thought('Prune')
    ),
    0.015,
    'novelty compares a thought with the nearest earlier thought, not with later ones'
);
select tests.authenticate_as('owner');
select throws_ok(
    $$select public.get_thoughts_to_organize(owner_job, '11111111-1111-4111-8111-111111111111') from held$$,
    '42501',
    null,
    'users do not call get_thoughts_to_organize(), not even for their own thoughts'
);

-- Plans
select tests.authenticate_as_service_role();
select lives_ok(
    $$
    select
        public.complete_agent_job(
            owner_job,
            '11111111-1111-4111-8111-111111111111',
            tests.plan(
                jsonb_build_object(
                    'joined', jsonb_build_array(
                        jsonb_build_object('thought_id', tests.thought('Prune'), 'circle_id', tests.circle('Garden')),
                        jsonb_build_object('thought_id', tests.thought('Hers'), 'circle_id', tests.circle('Garden')),
                        jsonb_build_object('thought_id', tests.thought('Changed'), 'circle_id', tests.circle('Garden')),
                        jsonb_build_object('thought_id', -1, 'circle_id', tests.circle('Garden')),
                        jsonb_build_object('thought_id', tests.thought('Taxes'), 'circle_id', tests.circle('Strange'))
                    ),
                    'circles', jsonb_build_array(
                        jsonb_build_object(
                            'name', 'Money',
                            'description', 'What it costs.',
                            'tags', jsonb_build_array('money'),
                            'thought_ids', jsonb_build_array(tests.thought('Taxes'), tests.thought('Water')),
                            'reflections', jsonb_build_array(
                                jsonb_build_object('thought_id', tests.thought('Taxes'), 'reflection', 'Soon.'),
                                jsonb_build_object('thought_id', tests.thought('Hers'), 'reflection', 'Mine.')
                            )
                        ),
                        jsonb_build_object(
                            'name', 'Hers',
                            'description', 'x',
                            'tags', '[]'::jsonb,
                            'thought_ids', jsonb_build_array(tests.thought('Hers')),
                            'reflections', '[]'::jsonb
                        )
                    ),
                    'novelty', jsonb_build_array(
                        jsonb_build_object('thought_id', tests.thought('Taxes'), 'novelty_score', 0.5),
                        jsonb_build_object('thought_id', tests.thought('Hers'), 'novelty_score', 0.5)
                    )
                )
            )
        )
    from held
    $$,
    'a plan that fits only in part does not fail'
);
select tests.clear_authentication();
select is(
    (select array[circle_id::text, placed_by::text] from public.thoughts where thought_text = 'Prune'),
    array[tests.circle('Garden')::text, 'organizer'],
    'a thought joins the circle that it is near to'
);
select results_eq(
    $$
    select circles.circle_name, thoughts.placed_by::text, thoughts.tags, thoughts.reflection, thoughts.novelty_score
    from public.thoughts
    join public.circles on circles.id = thoughts.circle_id
    where thoughts.thought_text = 'Taxes'
    $$,
    $$values ('Money', 'organizer', array['money'], 'Soon.', 0.5::double precision)$$,
    'a new circle is made, its thoughts get tags, reflections and novelty'
);
select is(
    (select description from public.circles where circle_name = 'Money'),
    'What it costs.',
    'with its description'
);
select is(
    (select circle_id from public.thoughts where thought_text = 'Water'),
    tests.circle('Garden'),
    'a thought that its user has placed stays, whatever the plan says'
);
select is(
    (select circle_id from public.thoughts where thought_text = 'Changed'),
    null,
    'a thought that has changed since its embedding was made stays'
);
select results_eq(
    $$select circle_id, tags, reflection, novelty_score from public.thoughts where thought_text = 'Hers'$$,
    $$values (null::bigint, null::text[], null::text, null::double precision)$$,
    'a plan does not change another user''s thought'
);
select is(
    (select count(*) from public.circles where circle_name = 'Hers'),
    0::bigint,
    'a circle without thoughts is not made'
);
select is(
    (select count(*) from public.thoughts where circle_id = tests.circle('Strange')),
    0::bigint,
    'a plan does not change another user''s circle'
);
select results_eq(
    $$
    select circles.circle_name
    from public.circle_embeddings as kept
    join public.circles on circles.id = kept.circle_id
    order by 1
    $$,
    $$values ('Garden'), ('Money')$$,
    'the centres of the circles are stored'
);
select ok(
    (
        select (embedding operator(extensions.<=>) tests.vector(17.5)::extensions.halfvec) < 0.001
        from public.circle_embeddings
        where circle_id = tests.circle('Garden')
    ),
    'the centre of a circle is the mean of its thoughts'
);

-- Looking again
create temporary table again as
select
    tests.hold_job('owner', '44444444-4444-4444-8444-444444444444') as first_job,
    tests.hold_job('owner', '55555555-5555-4555-8555-555555555555') as second_job;
grant select on again to service_role;
select tests.authenticate_as_service_role();
select is(
    (
        select public.get_thoughts_to_organize(first_job, '44444444-4444-4444-8444-444444444444') -> 'unchanged'
        from again
    ),
    'true',
    'there is nothing to organize when nothing has changed'
);
select is(
    (
        select
            (found.material -> 'thoughts') || (found.material -> 'circles')
        from again
        cross join lateral (
            select public.get_thoughts_to_organize(first_job, '44444444-4444-4444-8444-444444444444') as material
        ) as found
    ),
    '[]',
    'there is nothing to read when nothing has changed'
);
select lives_ok(
    $$
    select
        public.complete_agent_job(
            first_job,
            '44444444-4444-4444-8444-444444444444',
            tests.plan('{"remaining": 1}')
        )
    from again
    $$,
    'a run that has not read all thoughts completes'
);
select is(
    (
        select public.get_thoughts_to_organize(second_job, '55555555-5555-4555-8555-555555555555') -> 'unchanged'
        from again
    ),
    'false',
    'there is something to organize after such a run'
);

-- By hand, after it
select tests.clear_authentication();
select tests.authenticate_as('owner');
update public.thoughts set circle_id = null where thought_text = 'Prune';
delete from public.circles where circle_name = 'Money';
select results_eq(
    $$select thought_text, placed_by::text from public.thoughts where thought_text in ('Prune', 'Taxes') order by 1$$,
    $$values ('Prune', 'user'), ('Taxes', 'user')$$,
    'taking a thought out of a circle, or deleting the circle, counts as placed by the user'
);
update public.thoughts set thought_text = 'Income tax' where thought_text = 'Taxes';
select is(
    (select novelty_score from public.thoughts where thought_text = 'Income tax'),
    null,
    'the novelty of a changed text is computed again'
);

-- A dry run
select tests.clear_authentication();
create temporary table dry as
select tests.hold_job('owner', '33333333-3333-4333-8333-333333333333') as job;
grant select on dry to service_role;
select tests.authenticate_as_service_role();
select lives_ok(
    $$
    select
        public.complete_agent_job(
            job,
            '33333333-3333-4333-8333-333333333333',
            tests.plan(
                '{"dry_run": true, "circles": [{"name": "Dry", "thought_ids": [1], "tags": [], "reflections": []}]}'
            )
        )
    from dry
    $$,
    'a dry run completes'
);
select tests.clear_authentication();
select is((select count(*) from public.circles where circle_name = 'Dry'), 0::bigint, 'a dry run makes no circle');

-- Discover
select tests.authenticate_as('owner');
select is(public.refresh_vibe_profile() ->> 'version', '1', 'the first profile has version 1');
select is(public.refresh_vibe_profile() ->> 'version', '1', 'the profile keeps its version while nothing changes');
select throws_ok(
    $$update public.users set vibe_profile = '{}'$$,
    '42501',
    null,
    'users do not write their profile'
);
select results_eq(
    $$select kind, count(*) from public.discover(100) group by kind order by kind$$,
    $$values ('circle', 1::bigint), ('thought', 7::bigint)$$,
    'users discover their own thoughts and circles'
);
select tests.authenticate_as_visitor();
select throws_ok('select * from public.discover()', '42501', null, 'visitors discover nothing');

select * from finish();
rollback;
