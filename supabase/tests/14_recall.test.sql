begin;
\ir helpers.psql
select plan(60);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger', 'newcomer']) as name;

create function tests.memory(name text) returns uuid language sql stable security definer as
$$select id from public.personal_memories where content = name$$;
-- The owner's memories that are true at a given time, as one text.
create function tests.held_at(at timestamptz) returns text language sql stable security definer as
$$
    select coalesce(string_agg(content, ', ' order by content), '')
    from public.personal_memories
    where user_id = tests.get_supabase_uid('owner') and valid_from <= at and coalesce(valid_to > at, true)
$$;
-- A unit vector in the plane of the first two axes. The cosine similarity of two of them is the cosine of the angle
-- between them.
create function tests.vector(degrees numeric) returns extensions.halfvec language sql immutable as
$$
    select (array[cosd(degrees), sind(degrees)] || array_fill(0::double precision, array[1534]))::extensions.halfvec
$$;
create function tests.embed(wanted uuid, degrees numeric) returns void language sql security definer as
$$
    insert into public.memory_embeddings (user_id, memory_id, model_used, content_hash, embedding)
    select user_id, id, groundwork.active_embedding_model(), groundwork.content_hash(content), tests.vector(degrees)
    from public.personal_memories
    where id = wanted;
    delete from groundwork.embedding_queue where memory_id = wanted;
$$;

-- Visitor ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_visitor();
select throws_ok(
    $$select public.remember('I live in Lisbon')$$,
    '42501',
    'permission denied for function remember',
    'visitors do not call remember()'
);
select throws_ok(
    'select public.forget_all()',
    '42501',
    'permission denied for function forget_all',
    'visitors do not call forget_all()'
);

-- Telling ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
select is(
    (public.remember('I live in Lisbon', 'a letter', '2026-03-02', 0.5)).user_id,
    tests.get_supabase_uid('owner'),
    'a memory belongs to the user who tells it'
);
select results_eq(
    'select content, source, confidence, valid_from, valid_to from public.personal_memories',
    $$values ('I live in Lisbon', 'a letter', 0.5::double precision, '2026-03-02'::timestamptz, null::timestamptz)$$,
    'a memory is kept as it was told'
);
select is(
    (public.remember(E'  i  LIVE in\nLisbon!! ', 'a call', '2026-03-05', 0.9)).id,
    tests.memory('I live in Lisbon'),
    'a memory that is told again is the known memory'
);
select results_eq(
    'select content, source, confidence, valid_from from public.personal_memories',
    $$values ('I live in Lisbon', 'a letter', 0.9::double precision, '2026-03-02'::timestamptz)$$,
    'the known memory keeps its text and source, and gets the earlier time and the greater confidence'
);
select is(
    (public.remember('I live in Lisbon.', null, '2026-03-01', 0.1)).confidence,
    0.9::double precision,
    'its confidence does not become lower'
);
select is(
    (select valid_from from public.personal_memories),
    '2026-03-01'::timestamptz,
    'its valid_from can become earlier'
);
select isnt(
    (public.remember('I live in Lisbon, in a flat')).id,
    tests.memory('I live in Lisbon'),
    'a text with more words is another memory'
);
select isnt((public.remember('?')).id, (public.remember('!')).id, 'texts of different signs are different memories');
select is(
    (public.remember('Tea', null, null, null)).confidence,
    1::double precision,
    'a confidence of null means the default'
);
select is(
    (select valid_from from public.personal_memories where content = 'Tea'),
    now(),
    'a valid_from of null means the default'
);

select throws_like($$select public.remember(E' \n\t')$$, '%"GW501"%content is blank%');
select throws_like('select public.remember(null)', '%"GW501"%content is blank%');
select throws_like($$select public.remember(repeat('x', 20001))$$, '%"GW501"%20001 characters%');
select lives_ok($$select public.remember(repeat('x', 20000))$$, '20,000 characters are not too many');
select throws_like($$select public.remember('x', confidence => 1.1)$$, '%"GW501"%confidence is 1.1%');
select throws_like($$select public.remember('x', confidence => -0.1)$$, '%"GW501"%confidence is -0.1%');
select throws_like($$select public.remember('x', confidence => 'NaN')$$, '%"GW501"%confidence is NaN%');
select throws_like($$select public.remember('x', valid_from => 'infinity')$$, '%"GW501"%valid_from is infinity%');

select tests.authenticate_as('stranger');
select is(
    (public.remember('I live in Lisbon')).user_id,
    tests.get_supabase_uid('stranger'),
    'the same text told by another user is another memory'
);

-- Superseding --------------------------------------------------------------------------------------------------------

select tests.authenticate_as('newcomer');
select throws_ok(
    $$update public.personal_memories set superseded_by = id$$,
    '42501',
    'permission denied for table personal_memories',
    'only functions write superseded_by'
);
select lives_ok(
    $$
        select public.remember('Lisbon', valid_from => '2026-01-01'),
            public.remember('Porto', valid_from => '2026-02-01'),
            public.remember('Faro', valid_from => '2026-03-01')
    $$
);
select results_eq(
    $$
        select valid_to, superseded_by
        from public.supersede_memory(tests.memory('Lisbon'), tests.memory('Porto'), '2026-02-01')
    $$,
    $$values ('2026-02-01'::timestamptz, tests.memory('Porto'))$$,
    'the old memory ends when the new one takes its place'
);
select throws_like(
    $$select public.supersede_memory(tests.memory('Lisbon'), tests.memory('Faro'))$$,
    '%"GW503"%',
    'once'
);
select throws_like(
    $$select public.supersede_memory(tests.memory('Porto'), tests.memory('Porto'))$$,
    '%"GW504"%',
    'a memory does not supersede itself'
);
select throws_like(
    $$select public.supersede_memory(tests.memory('Porto'), tests.memory('Lisbon'))$$,
    '%"GW504"%',
    'a memory does not supersede the memory that superseded it'
);
select is(
    (public.supersede_memory(tests.memory('Porto'), tests.memory('Faro'), '2020-01-01')).valid_to,
    '2026-02-01'::timestamptz,
    'a memory does not end before it began'
);
select throws_like(
    $$select public.supersede_memory(tests.memory('Faro'), tests.memory('Lisbon'))$$,
    '%"GW504"%',
    'a memory does not supersede itself through others'
);
select throws_like(
    $$select public.supersede_memory(tests.memory('Faro'), tests.memory('I live in Lisbon, in a flat'))$$,
    '%"GW502"%',
    'a memory of another user does not supersede it'
);
select throws_like(
    $$select public.supersede_memory(tests.memory('I live in Lisbon, in a flat'), tests.memory('Faro'))$$,
    '%"GW502"%',
    'a memory of another user is not superseded'
);
select throws_like(
    $$select public.supersede_memory(tests.memory('Faro'), tests.memory('Porto'), 'infinity')$$,
    '%"GW501"%'
);
select throws_like('select public.restore_memory(gen_random_uuid())', '%"GW502"%');
select throws_like($$select public.restore_memory(tests.memory('I live in Lisbon, in a flat'))$$, '%"GW502"%');
select results_eq(
    $$select valid_to, superseded_by from public.restore_memory(tests.memory('Lisbon'))$$,
    'values (null::timestamptz, null::uuid)',
    'a superseded memory can be restored'
);
select is((public.remember('lisbon')).id, tests.memory('Lisbon'), 'a restored memory is known again');
select isnt(
    (public.remember('porto')).id,
    tests.memory('Porto'),
    'a memory that has ended and is told again is a new memory'
);

-- Consolidating ------------------------------------------------------------------------------------------------------

select tests.clear_authentication();
delete from public.personal_memories where user_id <> tests.get_supabase_uid('stranger');
insert into public.personal_memories (user_id, content, confidence, valid_from, created_at, updated_at)
select
    tests.get_supabase_uid('owner'),
    given.content,
    given.confidence,
    given.day::timestamptz,
    given.day::timestamptz,
    '2026-04-01'
from (
    values
        ('Lisbon', 1, '2026-03-01'),
        ('Porto', 1, '2026-03-03'),
        ('Tea', 0.5, '2026-03-04'),
        ('Tea, always', 0.8, '2026-03-05'),
        ('Alone', 1, '2026-03-06'),
        ('Without a vector', 1, '2026-03-07')
) as given (content, confidence, day);
select tests.embed(tests.memory('Lisbon'), 0);
select tests.embed(tests.memory('Porto'), 40);
select tests.embed(tests.memory('Tea'), 170);
select tests.embed(tests.memory('Tea, always'), 175);
select tests.embed(tests.memory('Alone'), 270);
select tests.embed(tests.memory('I live in Lisbon'), 0);

select tests.authenticate_as('owner');
select is(
    (public.enqueue_agent_job('memory_keeper', '{}')).agent_type,
    'memory_keeper',
    'users enqueue the job that consolidates their memories'
);
select throws_ok(
    'select public.get_memories_to_consolidate(gen_random_uuid(), gen_random_uuid())',
    '42501',
    'permission denied for function get_memories_to_consolidate',
    'only workers read the memories to compare'
);

select tests.authenticate_as_service_role();
create temporary table lease as select * from public.claim_agent_jobs('test');
create function pg_temp.material() returns jsonb language sql as
$$select public.get_memories_to_consolidate(id, lease_token) from lease$$;
select throws_like(
    'select public.get_memories_to_consolidate(id, gen_random_uuid()) from lease',
    '%"GW703"%',
    'a worker needs the present lease to read them'
);
select results_eq(
    $$
        select memory ->> 'content'
        from jsonb_array_elements(pg_temp.material() -> 'memories') as memory
    $$,
    array['Lisbon', 'Porto', 'Tea', 'Tea, always', 'Alone'],
    'all memories of the user are new, and none of other users are returned'
);
select results_eq(
    $$
        select round((pair ->> 'similarity')::numeric, 2)
        from jsonb_array_elements(pg_temp.material() -> 'pairs') as pair
    $$,
    array[round(cosd(5)::numeric, 2), round(cosd(40)::numeric, 2)],
    'each pair comes once, and memories that are not similar do not come'
);
select is(
    pg_temp.material() - '{memories,pairs,looked_at}'::text[],
    '{"remaining": 0, "without_vector": 1}',
    'memories without an embedding wait'
);

-- The proposals of a worker, by the contents of the memories. What it was given is what is there now.
create function pg_temp.complete(proposals text[][]) returns void language sql as
$$
    select public.complete_agent_job(
        lease.id,
        lease.lease_token,
        jsonb_build_object(
            'looked_at', material -> 'looked_at',
            'memories', material -> 'memories',
            'proposals', (
                select coalesce(
                    jsonb_agg(
                        jsonb_build_object(
                            'relation', proposals[n][1],
                            'older_id', tests.memory(proposals[n][2]),
                            'newer_id', tests.memory(proposals[n][3])
                        )
                    ),
                    '[]'
                )
                from generate_subscripts(proposals, 1) as n
            )
        )
    )
    from lease, pg_temp.material() as material
$$;
create function pg_temp.next_job(given jsonb default '{}') returns void language plpgsql as
$$
begin
    perform tests.authenticate_as('owner');
    perform public.enqueue_agent_job('memory_keeper', given);
    perform tests.authenticate_as_service_role();
    delete from lease;
    insert into lease select * from public.claim_agent_jobs('test');
end
$$;

savepoint before;
select pg_temp.complete(
    array[['contradicts', 'Lisbon', 'Porto'], ['same', 'Tea', 'Tea, always'], ['same', 'Alone', 'I live in Lisbon']]
);
select is(tests.held_at('2026-03-02'), 'Lisbon', 'the older memory was true before the newer one');
select is(tests.held_at('2026-03-03'), 'Porto', 'the older memory ends when the newer one becomes true');
select is(
    tests.held_at('2026-04-01'),
    'Alone, Porto, Tea, Without a vector',
    'of two memories that say the same one stays, and memories of other users play no part'
);
select results_eq(
    $$
        select valid_from, valid_to, superseded_by, confidence
        from public.personal_memories
        where content like 'Tea%'
        order by content
    $$,
    $$
        values
            ('2026-03-04'::timestamptz, null::timestamptz, null::uuid, 0.8::double precision),
            ('2026-03-05', '2026-03-05', tests.memory('Tea'), 0.8)
    $$,
    'the known memory stays, with the greater confidence, and the other one is true at no time'
);
select is((select count(*) from public.personal_memories), 7::bigint, 'nothing is deleted');

select pg_temp.next_job();
select is(
    pg_temp.material() - '{memories}'::text[],
    jsonb_build_object(
        'looked_at', jsonb_build_array(tests.memory('Alone')),
        'pairs', '[]'::jsonb,
        'remaining', 0,
        'without_vector', 1
    ),
    'compared memories are not compared again, unless a proposal for them was left out'
);
select pg_temp.complete('{}');
select pg_temp.next_job(jsonb_build_object('memory_ids', jsonb_build_array(tests.memory('Lisbon'))));
select is(
    pg_temp.material() -> 'looked_at',
    jsonb_build_array(tests.memory('Lisbon')),
    'memories whose ids are given are compared again'
);
select is(pg_temp.material() -> 'pairs', '[]', 'memories that were not true at the same time make no pairs');
select pg_temp.complete('{}');
-- A memory that became true between two others.
select tests.clear_authentication();
insert into public.personal_memories (user_id, content, valid_from, updated_at)
values (tests.get_supabase_uid('owner'), 'Faro', '2026-03-02', '2026-04-01');
select tests.embed(tests.memory('Faro'), 20);
select pg_temp.next_job();
select is(
    jsonb_array_length(pg_temp.material() -> 'pairs'),
    2,
    'a new memory is compared with all that were true at the same time'
);
select pg_temp.complete(array[['contradicts', 'Faro', 'Porto'], ['contradicts', 'Lisbon', 'Faro']]);
select results_eq(
    $$select tests.held_at(day) from unnest(array['2026-03-01', '2026-03-02', '2026-03-03']::timestamptz[]) as day$$,
    array['Lisbon', 'Faro', 'Porto'],
    'each memory is true until the next one'
);

rollback to before;
-- Memories that have changed since the worker got them: in text, in validity, or because they were deleted.
select tests.clear_authentication();
create temporary table given as select pg_temp.material() as material;
grant select on given to service_role;
update public.personal_memories set content = 'Porto!' where content = 'Porto';
delete from public.personal_memories where content = 'Tea';
select tests.authenticate_as_service_role();
select lives_ok(
    $$
        select public.complete_agent_job(
            id,
            lease_token,
            material || jsonb_build_object(
                'proposals', jsonb_build_array(
                    jsonb_build_object(
                        'relation', 'contradicts',
                        'older_id', tests.memory('Lisbon'),
                        'newer_id', tests.memory('Porto!')
                    ),
                    jsonb_build_object(
                        'relation', 'same',
                        'older_id', gen_random_uuid(),
                        'newer_id', tests.memory('Tea, always')
                    )
                )
            )
        )
        from lease, given
    $$,
    'proposals that no longer fit are left out, and the job does not fail'
);
select is(
    tests.held_at('2026-04-01'),
    'Alone, Lisbon, Porto!, Tea, always, Without a vector',
    'memories that were changed in the meantime stay as they are'
);
select tests.clear_authentication();
select results_eq(
    $$
        select memory.content
        from groundwork.consolidated_memories as seen
        join public.personal_memories as memory on memory.id = seen.memory_id
        order by memory.content
    $$,
    array['Alone'],
    'changed memories and those compared with them are compared again'
);

-- Forgetting ---------------------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
select is(
    tests.rows_changed($$delete from public.personal_memories where content = 'Alone'$$),
    1::bigint,
    'users delete single memories'
);
select is(public.forget_all(), 4::bigint, 'users delete all their memories');
select tests.clear_authentication();
select results_eq(
    $$
        select 'memories', user_id from public.personal_memories
        union all
        select 'vectors', user_id from public.memory_embeddings
        union all
        select 'looks', user_id from groundwork.consolidated_memories
    $$,
    $$
        values
            ('memories', tests.get_supabase_uid('stranger')),
            ('vectors', tests.get_supabase_uid('stranger'))
    $$,
    'forget_all() also deletes what was made from the memories, and other users keep theirs'
);
select is_empty(
    $$
        select
        from groundwork.embedding_queue
        where user_id = tests.get_supabase_uid('owner') and memory_id is not null
    $$,
    'no deleted memory waits for an embedding'
);

select * from finish();
rollback;
