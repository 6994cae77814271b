begin;
\ir helpers.psql
select plan(31);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger', 'newcomer']) as name;

-- A vector in a plane, at this angle (in degrees) from the first axis.
create function tests.vector(degrees double precision) returns extensions.vector language sql immutable as
$$
select ('[' || cosd(degrees) || ',' || sind(degrees) || repeat(',0', 1534) || ']')::extensions.vector
$$;
create function tests.thought(name text) returns bigint language sql stable security definer as
$$select id from public.thoughts where thought_text = name$$;
create function tests.memory(name text) returns uuid language sql stable security definer as
$$select id from public.personal_memories where content = name$$;

insert into public.circles (user_id, circle_name) values (tests.get_supabase_uid('owner'), 'Garden');
insert into public.thoughts (user_id, thought_text, circle_id)
select tests.get_supabase_uid(person), thought_text, circle.id
from (
    values
        ('owner', 'Water the tomatoes', 'Garden'),
        ('owner', 'Buy <b>tomatoes</b> & basil', null),
        ('owner', 'Sharpen the saw', 'Garden'),
        ('stranger', 'Tomatoes are red', null)
) as written (person, thought_text, circle_name)
left join public.circles as circle using (circle_name);
insert into public.personal_memories (user_id, content, valid_from, valid_to)
values
    (tests.get_supabase_uid('owner'), 'Lives in Lisbon', '2020-01-01', '2025-01-01'),
    (tests.get_supabase_uid('owner'), 'Lives in Porto', '2025-01-01', null),
    (tests.get_supabase_uid('stranger'), 'Lives in Faro', '2020-01-01', null);
insert into public.tasks (user_id, title) values (tests.get_supabase_uid('owner'), 'Tomato seeds');
insert into public.thought_embeddings (user_id, thought_id, model_used, content_hash, embedding)
select user_id, id, model, 'h', tests.vector(degrees)::extensions.halfvec
from (
    values
        ('Water the tomatoes', 10, 'groundwork-lexical-1'),
        ('Buy <b>tomatoes</b> & basil', 20, 'groundwork-lexical-1'),
        ('Sharpen the saw', 80, 'groundwork-lexical-1'),
        ('Sharpen the saw', 0, 'another'),
        ('Tomatoes are red', 0, 'groundwork-lexical-1')
) as vector (thought_text, degrees, model)
join public.thoughts using (thought_text);
insert into public.memory_embeddings (user_id, memory_id, model_used, content_hash, embedding)
select user_id, id, 'groundwork-lexical-1', 'h', tests.vector(degrees)::extensions.halfvec
from (values ('Lives in Lisbon', 5), ('Lives in Porto', 15), ('Lives in Faro', 0)) as vector (content, degrees)
join public.personal_memories using (content);

-- Visitor ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_visitor();
select throws_ok($$select public.search('tomatoes')$$, '42501', 'permission denied for function search');
select throws_ok(
    $$select public.match_thoughts(array_fill(0.5, array[1536])::extensions.vector)$$,
    '42501',
    'permission denied for function match_thoughts'
);
select throws_ok(
    'select from public.thought_relationships',
    '42501',
    'permission denied for table thought_relationships'
);

-- Newcomer -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('newcomer');
select is_empty($$select public.match_thoughts(tests.vector(0))$$, 'newcomers find no thought');
select is_empty($$select public.match_memories(tests.vector(0))$$, 'newcomers find no memory');
select is_empty($$select public.search('tomatoes', tests.vector(0))$$, 'newcomers find nothing by words');

-- Owner --------------------------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
select results_eq(
    $$select thought_text, round(similarity::numeric, 2) from public.match_thoughts(tests.vector(0))$$,
    $$values
        ('Water the tomatoes', round(cosd(10)::numeric, 2)),
        ('Buy <b>tomatoes</b> & basil', round(cosd(20)::numeric, 2)),
        ('Sharpen the saw', round(cosd(80)::numeric, 2))$$,
    'owners find their own thoughts by the embeddings of the active model, the nearest first'
);
select results_eq(
    $$select thought_text from public.match_thoughts(tests.vector(0), match_count => 1)$$,
    array['Water the tomatoes'],
    'owners choose how many thoughts they get'
);
select results_eq(
    $$select thought_text from public.match_thoughts(tests.vector(0), match_threshold => 0.95)$$,
    array['Water the tomatoes'],
    'owners choose how near the thoughts must be'
);
select results_eq(
    $$select thought_text
    from public.match_thoughts(tests.vector(0), in_circle_id => (select id from public.circles))$$,
    array['Water the tomatoes', 'Sharpen the saw'],
    'owners can search one circle'
);
select results_eq(
    $$select content from public.match_memories(tests.vector(0))$$,
    array['Lives in Porto'],
    'owners recall what is true now'
);
select results_eq(
    $$select content from public.match_memories(tests.vector(0), as_of => '2022-06-01')$$,
    array['Lives in Lisbon'],
    'owners recall what was true at a given time'
);
select is_empty(
    $$select content from public.match_memories(tests.vector(0), as_of => '2019-12-31')$$,
    'owners recall nothing from before their first memory'
);
select results_eq(
    $$select content from public.match_memories(tests.vector(0), as_of => null)$$,
    array['Lives in Lisbon', 'Lives in Porto'],
    'owners recall everything that was ever true if as_of is null'
);
select throws_ok(
    $$select public.match_thoughts(tests.vector(0), match_count => 0)$$,
    'PGRST',
    null,
    'match_count is at least 1'
);
select throws_ok(
    $$select public.match_thoughts('[1, 2, 3]'::extensions.vector)$$,
    '22000',
    null,
    'a vector has 1536 numbers'
);

select results_eq(
    $$select kind::text, snippet from public.search('tomatoes') where kind = 'thought' order by 2$$,
    $$values
        ('thought', 'Buy &lt;b&gt;<mark>tomatoes</mark>&lt;/b&gt; &amp; basil'),
        ('thought', 'Water the <mark>tomatoes</mark>')$$,
    'snippets of texts that are found by words are safe HTML with the words marked'
);
select results_eq(
    $$select kind::text, title from public.search('tomato') where kind = 'task'$$,
    $$values ('task', 'Tomato seeds')$$,
    'words are found in every kind of text, whatever their ending'
);
select results_eq(
    $$select kind::text, id from public.search('saw', tests.vector(12), match_count => 2, kinds => '{thought}')$$,
    $$values
        ('thought', tests.thought('Sharpen the saw')::text),
        ('thought', tests.thought('Water the tomatoes')::text)$$,
    'a text that is in both lists comes before a text that is in one'
);
select results_eq(
    $$select kind::text, id from public.search('', tests.vector(0), kinds => '{memory}')$$,
    $$values ('memory', tests.memory('Lives in Porto')::text)$$,
    'search finds by meaning alone, and finds memories that are true now'
);
select results_eq(
    $$select snippet from public.search('"the saw" or "saw the"')$$,
    array['Sharpen the <mark>saw</mark>'],
    'search finds phrases, and marks their words'
);
select results_eq(
    $$select snippet from public.search(repeat('sharpen saw ', 6))$$,
    array['Sharpen the saw'],
    'for a long query nothing is marked, because that could take seconds'
);
select throws_ok($$select public.search(' ')$$, 'PGRST', null, 'an empty query is refused');
select lives_ok($$select public.search('"un''closed & (')$$, 'search accepts any query text');

insert into public.thought_relationships (from_thought_id, to_thought_id, note)
values (tests.thought('Water the tomatoes'), tests.thought('Sharpen the saw'), 'both are for Saturday');
select results_eq(
    $$select thought_text, relationship::text from public.related_thoughts(tests.thought('Water the tomatoes'))$$,
    $$values ('Sharpen the saw', 'explicit'), ('Buy <b>tomatoes</b> & basil', 'semantic')$$,
    'related thoughts are those that the user related, then the nearest'
);
select throws_ok(
    $$select public.related_thoughts(tests.thought('Tomatoes are red'))$$,
    'PGRST',
    null,
    'users do not see what another user''s thought is related to'
);
select throws_ok(
    $$insert into public.thought_relationships (from_thought_id, to_thought_id)
    values (tests.thought('Water the tomatoes'), tests.thought('Tomatoes are red'))$$,
    '23503',
    null,
    'users do not relate their thoughts to another user''s thought'
);
select throws_ok(
    $$insert into public.thought_relationships (from_thought_id, to_thought_id, kind)
    values (tests.thought('Water the tomatoes'), tests.thought('Sharpen the saw'), 'semantic')$$,
    '42501',
    'permission denied for table thought_relationships',
    'a relationship that a user makes is explicit'
);

-- Stranger -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('stranger');
select results_eq(
    $$select content from public.match_memories(tests.vector(5), as_of => null)$$,
    array['Lives in Faro'],
    'strangers find their own thoughts only, even if those of others are nearer'
);
select results_eq(
    $$select kind::text, snippet from public.search('tomatoes', tests.vector(10), match_count => 100)$$,
    $$values ('thought', '<mark>Tomatoes</mark> are red'), ('memory', 'Lives in Faro')$$,
    'strangers find only their own texts by words and by meaning'
);
select is_empty('select from public.thought_relationships', 'strangers see no relationship of others');

select * from finish();
rollback;
