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
    'owners see how many of their own texts have no vector yet'
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
select is(public.embedding_payer('groundwork-lexical-1'), null, 'nobody pays for vectors that cost nothing');
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
    'a worker gets texts of one person, if it wants'
);
select results_eq(
    $$select content from public.claim_embeddings('v')$$,
    array['Strange'],
    'another one gets those that nobody has'
);
select is_empty($$select public.claim_embeddings('v')$$, 'and then nothing');
select throws_ok($$select public.claim_embeddings('w', 0)$$, 'PGRST', null, 'nobody claims no texts');
select throws_ok($$select public.claim_embeddings('w', null)$$, 'PGRST', null, 'or any number of them');
select throws_ok($$select public.store_embeddings('{}')$$, 'PGRST', null, 'or stores what is no list');

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
    'a result for a text that changed meanwhile is dropped'
);
select is(
    (
        select public.store_embeddings(
            jsonb_agg(jsonb_build_object('id', id, 'lease_token', lease_token, 'error', 'late'))
        )
        from claimed
    ),
    '{"stored": 0, "failed": 0, "dropped": 3}',
    'and so is everything that comes twice'
);
select results_eq(
    $$select content_hash, round(extensions.l2_norm(embedding)::numeric, 2) from public.thought_embeddings$$,
    $$values (encode(sha256('First'), 'hex'), 1.00)$$,
    'vectors are stored at length 1'
);

select tests.authenticate_as('owner');
update public.thoughts set thought_text = 'First again' where thought_text = 'First';
update public.thoughts set tags = '{a}';
select results_eq(
    'select kind, embedded, missing, stale, failed from public.embedding_health() order by kind',
    $$values ('memory', 1::bigint, 0::bigint, 0::bigint, 0::bigint), ('thought', 0, 1, 1, 0)$$,
    'a text that changed has a stale vector; what else changes is no matter'
);

-- What fails ----------------------------------------------------------------------------------------------------------

select tests.authenticate_as_service_role();
create temporary table again as select * from public.claim_embeddings('w');
grant select on again to postgres;
select is((select count(*) from again), 2::bigint, 'what changed is claimed anew');
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
    'a vector of another width is not stored'
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
    'nor one without a direction'
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
    'texts are handed back'
);
truncate again;
insert into again
select * from public.claim_embeddings('w');
select results_eq('select attempts from again', 'values (1), (1)', 'which is no attempt');
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
    'failures are noted'
);
select tests.clear_authentication();
select results_eq(
    $$select last_error, due_at - now(), failed_at is not null from groundwork.embedding_queue
    where user_id = tests.get_supabase_uid('owner') order by 3$$,
    $$values ('refused', interval '30 seconds', false), ('refused', interval '30 seconds', true)$$,
    'one is tried again after half a minute, one is given up'
);
select tests.authenticate_as_service_role();
select is_empty($$select public.claim_embeddings('w')$$, 'neither is claimed now');
select is(public.retry_failed_embeddings(), 1::bigint, 'what was given up can be tried again');
select is((select count(*) from public.claim_embeddings('w')), 1::bigint, 'and then is');
select tests.clear_authentication();
update groundwork.embedding_queue set attempts = 8, due_at = now() - interval '1 second';
select is_empty(
    $$select * from groundwork.claim_embeddings('w', 10, 60, null, null, now())$$,
    'what killed its worker eight times is not claimed again'
);
select is(
    (select count(*) from groundwork.embedding_queue where failed_at is not null),
    (select count(*) from groundwork.embedding_queue),
    'but given up'
);

-- Another model -------------------------------------------------------------------------------------------------------

select tests.authenticate_as_service_role();
select throws_ok(
    $$select public.add_embedding_model('large')$$,
    'PGRST',
    null,
    'a model without a price would be free, and is refused'
);
select public.set_model_price('large', 'embedding', 1);
select is(public.add_embedding_model('large'), 4::bigint, 'a model that is added needs all vectors');
select is(public.add_embedding_model('large'), 0::bigint, 'and only once');
select throws_ok(
    $$select public.switch_embedding_model('large')$$,
    'PGRST',
    null,
    'it is not searched while some are missing'
);
select throws_ok($$select public.switch_embedding_model('none')$$, 'PGRST', null, 'and no model that there is not');
select throws_ok(
    $$select public.drop_embedding_model('groundwork-lexical-1')$$,
    'PGRST',
    null,
    'the active one is not dropped'
);
select lives_ok($$select public.switch_embedding_model('large', is_forced => true)$$, 'unless somebody insists');
select results_eq(
    'select name, state from public.get_embedding_models() order by 1',
    $$values ('groundwork-lexical-1', 'former'), ('large', 'active')$$,
    'then the former one stays, for the way back'
);
select is(public.drop_embedding_model('groundwork-lexical-1'), 2::bigint, 'until it is dropped with its vectors');
select is_empty(
    $$select from public.thought_embeddings where model_used = 'groundwork-lexical-1'$$,
    'of which none are left'
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
    'texts of a person whose month is spent wait'
);
select tests.authenticate_as('owner');
select throws_ok($$select public.embedding_payer('large')$$, 'PGRST', null, 'and they ask nothing of the model');
select tests.authenticate_as('stranger');
select is(
    public.embedding_payer('large'),
    tests.get_supabase_uid('stranger'),
    'whoever has money left pays for their own questions'
);

select * from finish();
rollback;
