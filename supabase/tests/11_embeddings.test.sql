begin;
\ir helpers.psql
select plan(43);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger']) as name;
create function tests.vector(value double precision default 1) returns text language sql immutable as
$$select array_fill(value, array[1536])::extensions.vector::text$$;

select tests.authenticate_as('stranger');
insert into public.thoughts (thought_text) values ('Strange');
select tests.authenticate_as('owner');
insert into public.thoughts (thought_text) values ('First'), ('Second');
insert into public.personal_memories (content) values ('Likes tea');

-- Owner --------------------------------------------------------------------------------------------------------------

select results_eq(
    'select kind, model, state, embedded, missing, stale, failed from public.embedding_health() order by kind',
    $$values
        ('memory', 'groundwork-lexical-1', 'active', 0::bigint, 1::bigint, 0::bigint, 0::bigint),
        ('thought', 'groundwork-lexical-1', 'active', 0, 2, 0, 0)$$,
    'owners see how many of their own texts have no embedding yet'
);
select throws_ok($$select public.claim_embeddings('w')$$, '42501', 'permission denied for function claim_embeddings');
select throws_ok($$select public.store_embeddings('[]')$$, '42501', 'permission denied for function store_embeddings');
select throws_ok(
    $$select public.add_embedding_model('m')$$,
    '42501',
    'permission denied for function add_embedding_model'
);
select throws_ok(
    $$select public.book_embeddings('m', 'r', '[]')$$,
    '42501',
    'permission denied for function book_embeddings'
);
select is(public.embedding_payer('groundwork-lexical-1'), null, 'nobody pays for embeddings that cost nothing');
select throws_ok('select from groundwork.embedding_queue', '42501', 'permission denied for table embedding_queue');

-- Service ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_service_role();
create temporary table claimed as
select * from public.claim_embeddings('w', for_user_id => tests.get_supabase_uid('owner'));
select results_eq(
    'select kind, content, content_hash, model_used, attempts from claimed order by content',
    $$values
        ('thought', 'First', encode(sha256('First'), 'hex'), 'groundwork-lexical-1', 1),
        ('memory', 'Likes tea', encode(sha256('Likes tea'), 'hex'), 'groundwork-lexical-1', 1),
        ('thought', 'Second', encode(sha256('Second'), 'hex'), 'groundwork-lexical-1', 1)$$,
    'a worker can claim the texts of one user'
);
select results_eq(
    $$select content from public.claim_embeddings('v')$$,
    array['Strange'],
    'another worker gets the texts that nobody has claimed'
);
select is_empty($$select public.claim_embeddings('v')$$, 'after that there is nothing to claim');
select throws_ok($$select public.claim_embeddings('w', 0)$$, 'PGRST', null, 'a batch_size of 0 is refused');
select throws_ok($$select public.claim_embeddings('w', null)$$, 'PGRST', null, 'a batch_size of null is refused');
select throws_ok($$select public.store_embeddings('{}')$$, 'PGRST', null, 'results that are no array are refused');

select tests.authenticate_as('owner');
update public.thoughts set thought_text = 'Changed' where thought_text = 'Second';

select tests.authenticate_as_service_role();
select is(
    (
        select public.store_embeddings(
            jsonb_agg(
                jsonb_build_object(
                    'id', id,
                    'lease_token', lease_token,
                    'content_hash', content_hash,
                    'embedding', tests.vector()
                )
            )
        )
        from claimed
    ),
    '{"stored": 2, "failed": 0, "dropped": 1}',
    'a result for a text that has changed in the meantime is dropped'
);
select is(
    (
        select public.store_embeddings(
            jsonb_agg(jsonb_build_object('id', id, 'lease_token', lease_token, 'error', 'late'))
        )
        from claimed
    ),
    '{"stored": 0, "failed": 0, "dropped": 3}',
    'a result that comes twice is dropped'
);
select results_eq(
    $$select content_hash, round(extensions.l2_norm(embedding)::numeric, 2) from public.thought_embeddings$$,
    $$values (encode(sha256('First'), 'hex'), 1.00)$$,
    'embeddings are stored at length 1'
);

select tests.authenticate_as('owner');
update public.thoughts set thought_text = 'First again' where thought_text = 'First';
update public.thoughts set tags = '{a}';
select results_eq(
    'select kind, embedded, missing, stale, failed from public.embedding_health() order by kind',
    $$values ('memory', 1::bigint, 0::bigint, 0::bigint, 0::bigint), ('thought', 0, 1, 1, 0)$$,
    'a changed text has a stale embedding, and other changes of the row do not matter'
);

-- What fails ----------------------------------------------------------------------------------------------------------

select tests.authenticate_as_service_role();
create temporary table again as select * from public.claim_embeddings('w');
grant select on again to postgres;
select is((select count(*) from again), 2::bigint, 'changed texts are claimed again');
select throws_ok(
    $$select public.store_embeddings(
        jsonb_build_array(
            jsonb_build_object(
                'id', id, 'lease_token', lease_token, 'content_hash', content_hash, 'embedding', '[1, 2]'
            )
        )
    ) from again limit 1$$,
    '22000',
    null,
    'an embedding with another number of dimensions is not stored'
);
select throws_ok(
    $$select public.store_embeddings(
        jsonb_build_array(
            jsonb_build_object(
                'id', id, 'lease_token', lease_token, 'content_hash', content_hash, 'embedding', tests.vector(0)
            )
        )
    ) from again limit 1$$,
    '23514',
    null,
    'an embedding of zeros is not stored'
);
select is(
    (
        select public.store_embeddings(
            jsonb_agg(
                jsonb_build_object(
                    'id', id,
                    'lease_token', lease_token,
                    'error', 'no time left',
                    'is_released', true,
                    'retry_after_seconds', 0
                )
            )
        )
        from again
    ),
    '{"stored": 0, "failed": 2, "dropped": 0}',
    'texts are released'
);
truncate again;
insert into again
select * from public.claim_embeddings('w');
select results_eq('select attempts from again', 'values (1), (1)', 'a release does not count as an attempt');
select is(
    (
        select public.store_embeddings(
            jsonb_agg(
                jsonb_build_object(
                    'id', id,
                    'lease_token', lease_token,
                    'error', 'refused',
                    'retryable', content = 'Changed'
                )
            )
        )
        from again
    ),
    '{"stored": 0, "failed": 2, "dropped": 0}',
    'failures are recorded'
);
select tests.clear_authentication();
select results_eq(
    $$select last_error, due_at - now(), failed_at is not null from groundwork.embedding_queue
    where user_id = tests.get_supabase_uid('owner') order by 3$$,
    $$values ('refused', interval '30 seconds', false), ('refused', interval '30 seconds', true)$$,
    'one text is retried after half a minute, and one is given up'
);
select tests.authenticate_as_service_role();
select is_empty($$select public.claim_embeddings('w')$$, 'neither text is claimed now');
select is(public.retry_failed_embeddings(), 1::bigint, 'a text that was given up can be retried');
select is((select count(*) from public.claim_embeddings('w')), 1::bigint, 'the retried text is claimed');
select tests.clear_authentication();
update groundwork.embedding_queue set attempts = 8, due_at = now() - interval '1 second';
select is_empty(
    $$select * from groundwork.claim_embeddings('w', 10, 60, null, null, now())$$,
    'a text whose worker ended eight times is not claimed again'
);
select is(
    (select count(*) from groundwork.embedding_queue where failed_at is not null),
    (select count(*) from groundwork.embedding_queue),
    'such a text is given up'
);

-- Another model -------------------------------------------------------------------------------------------------------

select tests.authenticate_as_service_role();
select throws_ok(
    $$select public.add_embedding_model('large')$$,
    'PGRST',
    null,
    'a model without a price is refused'
);
select public.set_model_price('large', 'embedding', 1);
select is(public.add_embedding_model('large'), 4::bigint, 'adding a model queues all texts');
select is(public.add_embedding_model('large'), 0::bigint, 'adding a model again queues no text twice');
select throws_ok(
    $$select public.switch_embedding_model('large')$$,
    'PGRST',
    null,
    'a model is not made active while embeddings are missing'
);
select throws_ok(
    $$select public.switch_embedding_model('none')$$,
    'PGRST',
    null,
    'an unknown model is not made active'
);
select throws_ok(
    $$select public.drop_embedding_model('groundwork-lexical-1')$$,
    'PGRST',
    null,
    'the active model is not dropped'
);
select lives_ok(
    $$select public.switch_embedding_model('large', is_forced => true)$$,
    'is_forced makes a model active although embeddings are missing'
);
select results_eq(
    'select name, state from public.get_embedding_models() order by 1',
    $$values ('groundwork-lexical-1', 'former'), ('large', 'active')$$,
    'the former model stays, so that switching back is possible'
);
select is(
    public.drop_embedding_model('groundwork-lexical-1'),
    2::bigint,
    'a former model is dropped with its embeddings'
);
select is_empty(
    $$select from public.thought_embeddings where model_used = 'groundwork-lexical-1'$$,
    'no embedding of the dropped model is left'
);

-- Money --------------------------------------------------------------------------------------------------------------

select public.book_embeddings(
    'large',
    'request',
    jsonb_build_array(jsonb_build_object('user_id', tests.get_supabase_uid('owner'), 'tokens', 500000))
)
from generate_series(1, 2);
select results_eq(
    'select resource_type, cost, tokens_used from public.budget_entries',
    $$values ('embedding'::public.resource_type, 0.5, 500000::bigint)$$,
    'a request is booked once, at the price of its model'
);
insert into public.user_spend_limits (user_id, monthly_limit)
values (tests.get_supabase_uid('owner'), 0.5);
select results_eq(
    $$select content from public.claim_embeddings('w')$$,
    array['Strange'],
    'texts of a user whose monthly limit is used up wait'
);
select tests.authenticate_as('owner');
select throws_ok(
    $$select public.embedding_payer('large')$$,
    'PGRST',
    null,
    'a user whose monthly limit is used up does not get queries embedded'
);
select tests.authenticate_as('stranger');
select is(
    public.embedding_payer('large'),
    tests.get_supabase_uid('stranger'),
    'a user who has money left pays for their own queries'
);

select * from finish();
rollback;
