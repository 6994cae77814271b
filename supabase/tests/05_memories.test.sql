begin;
\ir helpers.psql
select plan(34);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger', 'newcomer']) as name;
-- A vector of length 1.
create function tests.vector() returns extensions.halfvec language sql immutable as
$$select array_fill(1 / sqrt(1536), array[1536])::extensions.halfvec$$;
-- Identity columns count up, so the tests look up ids by the texts of the rows.
create function tests.circle(name text) returns bigint language sql stable security definer as
$$select id from public.circles where circle_name = name$$;
create function tests.thought(name text) returns bigint language sql stable security definer as
$$select id from public.thoughts where thought_text = name$$;

create function tests.memory(name text) returns uuid language sql stable security definer as
$$select id from public.personal_memories where content = name$$;

insert into public.personal_memories (user_id, content, updated_at)
values
    (tests.get_supabase_uid('owner'), 'Likes tea', '2020-01-01'),
    (tests.get_supabase_uid('owner'), 'Has a sister', '2020-01-01'),
    (tests.get_supabase_uid('stranger'), 'Likes coffee', '2020-01-01');
insert into public.memory_embeddings (user_id, memory_id, model_used, content_hash, embedding)
values
    (tests.get_supabase_uid('owner'), tests.memory('Has a sister'), 'old', 'h', tests.vector()),
    (tests.get_supabase_uid('owner'), tests.memory('Has a sister'), 'new', 'h', tests.vector());
insert into public.circles (user_id, circle_name) values (tests.get_supabase_uid('owner'), 'Family');
insert into public.thoughts (user_id, thought_text) values (tests.get_supabase_uid('owner'), 'Call mother');
insert into public.thought_embeddings (user_id, thought_id, model_used, content_hash, embedding)
values
    (tests.get_supabase_uid('owner'), tests.thought('Call mother'), 'old', 'h', tests.vector()),
    (tests.get_supabase_uid('owner'), tests.thought('Call mother'), 'new', 'h', tests.vector());
insert into public.circle_embeddings (user_id, circle_id, model_used, content_hash, embedding)
values (tests.get_supabase_uid('owner'), tests.circle('Family'), 'new', 'h', tests.vector());

-- Visitor ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_visitor();
select throws_ok('select from public.personal_memories', '42501', 'permission denied for table personal_memories');
select throws_ok('select from public.thought_embeddings', '42501', 'permission denied for table thought_embeddings');
select throws_ok('select from public.memory_embeddings', '42501', 'permission denied for table memory_embeddings');
select throws_ok('select from public.circle_embeddings', '42501', 'permission denied for table circle_embeddings');

-- Newcomer -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('newcomer');
select is_empty('select from public.personal_memories', 'newcomers see no memory');
select is_empty('select from public.thought_embeddings', 'newcomers see no embedding of a thought');
select is_empty('select from public.memory_embeddings', 'newcomers see no embedding of a memory');
select is_empty('select from public.circle_embeddings', 'newcomers see no embedding of a circle');

-- Stranger -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('stranger');
select results_eq(
    'select content from public.personal_memories',
    array['Likes coffee'],
    'strangers see their own memories only'
);
select is(
    tests.rows_changed($$update public.personal_memories set source = 'X' where content <> 'Likes coffee'$$),
    0::bigint,
    'strangers do not change memories of others'
);
select is(
    tests.rows_changed($$delete from public.personal_memories where content <> 'Likes coffee'$$),
    0::bigint,
    'strangers do not delete memories of others'
);
select throws_ok(
    $$insert into public.personal_memories (user_id, content) values (tests.get_supabase_uid('owner'), 'X')$$,
    '42501',
    'new row violates row-level security policy for table "personal_memories"',
    'strangers write no memories for others'
);

-- Owner --------------------------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
select is((select count(*) from public.personal_memories), 2::bigint, 'owners see their memories');
select is(
    (select count(*) from public.thought_embeddings),
    2::bigint,
    'owners see the embeddings of their thoughts, of two models'
);
select is(
    (select count(*) from public.memory_embeddings),
    2::bigint,
    'owners see the embeddings of their memories, of two models'
);
select is((select count(*) from public.circle_embeddings), 1::bigint, 'owners see the embeddings of their circles');
select lives_ok($$insert into public.personal_memories (content) values ('Sleeps late')$$, 'owners write memories');
select is(
    tests.rows_changed($$update public.personal_memories set content = 'Likes green tea' where content = 'Likes tea'$$),
    1::bigint,
    'owners correct their memories'
);
select throws_ok(
    $$update public.personal_memories set user_id = tests.get_supabase_uid('stranger')$$,
    '42501',
    'permission denied for table personal_memories',
    'owners do not give their memories away'
);
select throws_ok(
    $$update public.personal_memories set superseded_by = null$$,
    '42501',
    'permission denied for table personal_memories',
    'owners do not write superseded_by'
);
select throws_ok(
    $$insert into public.memory_embeddings (user_id, memory_id, model_used, content_hash, embedding)
    values (tests.get_supabase_uid('owner'), tests.memory('Has a sister'), 'm', 'h', tests.vector())$$,
    '42501',
    'permission denied for table memory_embeddings',
    'owners write no embeddings of memories'
);
select throws_ok(
    $$insert into public.thought_embeddings (user_id, thought_id, model_used, content_hash, embedding)
    values (tests.get_supabase_uid('owner'), 1, 'm', 'h', tests.vector())$$,
    '42501',
    'permission denied for table thought_embeddings',
    'owners write no embeddings of thoughts'
);
select throws_ok(
    $$update public.thought_embeddings set content_hash = 'X'$$,
    '42501',
    'permission denied for table thought_embeddings'
);
select throws_ok(
    $$delete from public.circle_embeddings$$,
    '42501',
    'permission denied for table circle_embeddings'
);
select throws_ok($$insert into public.personal_memories (content) values ('')$$, '23514', null, 'a memory has content');

-- Service ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_service_role();
select throws_ok(
    $$insert into public.thought_embeddings (user_id, thought_id, model_used, content_hash, embedding)
    values (tests.get_supabase_uid('stranger'), tests.thought('Call mother'), 'm', 'h', tests.vector())$$,
    '23503',
    null,
    'not even the backend gives a user the embedding of another user''s thought'
);
select throws_ok(
    $$insert into public.circle_embeddings (user_id, circle_id, model_used, content_hash, embedding)
    values (tests.get_supabase_uid('stranger'), tests.circle('Family'), 'm', 'h', tests.vector())$$,
    '23503',
    null,
    'not even the backend gives a user the embedding of another user''s circle'
);
select throws_ok(
    $$update public.thought_embeddings set embedding = '[1, 2, 3]'$$,
    '22000',
    null,
    'an embedding has 1536 numbers'
);
select throws_ok(
    $$update public.thought_embeddings set embedding = array_fill(1, array[1536])::extensions.halfvec$$,
    '23514',
    null,
    'an embedding has length 1'
);

-- What is left of it --------------------------------------------------------------------------------------------------

select tests.clear_authentication();
select results_eq(
    $$select content, updated_at = now() from public.personal_memories order by 1$$,
    $$values
        ('Has a sister', false),
        ('Likes coffee', false),
        ('Likes green tea', true),
        ('Sleeps late', true)$$,
    'a memory whose content changed has a new updated_at'
);
delete from public.personal_memories where content = 'Has a sister';
select is_empty('select from public.memory_embeddings', 'deleting a memory deletes its embeddings');
delete from public.circles where circle_name = 'Family';
select is_empty('select from public.circle_embeddings', 'deleting a circle deletes its embeddings');
delete from public.thoughts where thought_text = 'Call mother';
select is_empty('select from public.thought_embeddings', 'deleting a thought deletes its embeddings');
delete from auth.users where id = tests.get_supabase_uid('owner');
select results_eq(
    'select content from public.personal_memories',
    array['Likes coffee'],
    'deleting an account deletes its memories'
);

select * from finish();
rollback;
