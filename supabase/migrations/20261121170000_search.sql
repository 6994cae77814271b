-- Search: a person's texts by meaning and by words, and how thoughts are related.
-- Needs: care loop, tasks, personas, memories, campaigns, embeddings.

-- Types ---------------------------------------------------------------------------------------------------------------

create type public.search_kind as enum ('thought', 'memory', 'persona', 'task', 'story', 'content');
create type public.thought_relationship_kind as enum ('semantic', 'explicit');

-- Tables --------------------------------------------------------------------------------------------------------------

create table public.thought_relationships (
    id bigint generated always as identity constraint thought_relationships_pkey primary key,
    user_id uuid not null default groundwork.current_user_id()
        constraint thought_relationships_user_id_fkey references public.users (id) on delete cascade,
    from_thought_id bigint not null,
    to_thought_id bigint not null,
    kind public.thought_relationship_kind not null default 'explicit',
    weight double precision not null default 1,
    note varchar(500),
    created_at timestamptz not null default now(),
    constraint thought_relationships_user_id_from_thought_id_fkey
        foreign key (user_id, from_thought_id) references public.thoughts (user_id, id) on delete cascade,
    constraint thought_relationships_user_id_to_thought_id_fkey
        foreign key (user_id, to_thought_id) references public.thoughts (user_id, id) on delete cascade,
    constraint thought_relationships_from_thought_id_to_thought_id_kind_key
        unique (from_thought_id, to_thought_id, kind),
    constraint thought_relationships_to_thought_id_check check (to_thought_id <> from_thought_id),
    constraint thought_relationships_weight_check check (weight between 0 and 1)
);

-- Indexes -------------------------------------------------------------------------------------------------------------
-- Those by words come after the function that they are made of.

create index idx_thought_relationships_user_id_from_thought_id
on public.thought_relationships (user_id, from_thought_id);
create index idx_thought_relationships_user_id_to_thought_id
on public.thought_relationships (user_id, to_thought_id);


-- Functions -----------------------------------------------------------------------------------------------------------

-- Only the beginning of a long text, because a tsvector holds no more than a megabyte.
create function groundwork.words_of(content text)
returns tsvector
language plpgsql
immutable
cost 10000
set search_path = pg_catalog, pg_temp
as $$
begin
    return to_tsvector('pg_catalog.english', left(content, 100000));
end
$$;

create index idx_thoughts_user_id_words on public.thoughts
using gin (user_id, groundwork.words_of(thought_text));
create index idx_personal_memories_user_id_words on public.personal_memories
using gin (user_id, groundwork.words_of(content));
create index idx_personas_user_id_words on public.personas
using gin (user_id, groundwork.words_of(coalesce(title, '') || ' ' || raw_text));
create index idx_tasks_user_id_words on public.tasks
using gin (user_id, groundwork.words_of(title || ' ' || coalesce(description, '')));
create index idx_stories_user_id_words on public.stories
using gin (user_id, groundwork.words_of(story_text));
create index idx_content_assets_user_id_words on public.content_assets
using gin (user_id, groundwork.words_of(title || ' ' || content));

-- Signs of coordinates differ in proportion to the angle (M. S. Charikar: Similarity Estimation Techniques from
-- Rounding Algorithms, STOC 2002), binomially: so far from the query a code may be, and its vector still be that near.
create function groundwork.farthest_code(similarity double precision)
returns double precision
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    deviations constant double precision := 2;
    share double precision := acos(least(greatest(similarity, -1), 1)) / pi();
begin
    return 1536 * share + deviations * sqrt(1536 * share * (1 - share));
end
$$;

-- The owner's codes are read from the index alone. The nearest 40 or more are compared by their vectors; how near the
-- last of the wanted ones is says how many more codes have to be looked at. Where that finds too few, all are compared.
create function groundwork.nearest_thoughts(
    query extensions.vector,
    wanted integer,
    wanted_circle_id bigint
)
returns table (id bigint, similarity double precision)
language plpgsql
stable
rows 10
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
set max_parallel_workers_per_gather = 0
as $$
declare
    least_look constant integer := 40;
    most_codes constant integer := 1500;
    person uuid := groundwork.current_user_id();
    model text := groundwork.active_embedding_model();
    -- All have length 1, so that the inner product is the cosine.
    target extensions.halfvec(1536) := extensions.l2_normalize(query)::extensions.halfvec(1536);
    target_code bit(1536) := extensions.binary_quantize(query)::bit(1536);
    ids bigint[];
    distances double precision[];
    near_ids bigint[];
    near_similarities double precision[];
    looked_at integer;
    farthest double precision;
begin
    select array_agg(code.id), array_agg(code.distance)
    into ids, distances
    from (
        select kept.thought_id as id, kept.code operator(extensions.<~>) target_code as distance
        from public.thought_embeddings as kept
        where kept.user_id = person and kept.model_used = model
        order by kept.code operator(extensions.<~>) target_code
        limit greatest(most_codes, wanted)
    ) as code;

    looked_at := least(greatest(least_look, 4 * wanted), cardinality(ids));
    select array_agg(near.id order by near.similarity desc), array_agg(near.similarity order by near.similarity desc)
    into near_ids, near_similarities
    from (
        select compared.id, compared.similarity
        from (
            select kept.thought_id as id, -(kept.embedding operator(extensions.<#>) target) as similarity
            from unnest(ids[:looked_at]) as code (id)
            join public.thought_embeddings as kept
                on kept.user_id = person
                and kept.thought_id = code.id
                and kept.model_used = model
            order by 2 desc
        ) as compared
        join public.thoughts as texts on texts.user_id = person and texts.id = compared.id
        where (wanted_circle_id is null or texts.circle_id = wanted_circle_id)
        order by compared.similarity desc
        limit wanted
    ) as near;

    if cardinality(near_ids) = wanted and looked_at < cardinality(ids) then
        farthest := groundwork.farthest_code(near_similarities[wanted]);
        if distances[looked_at + 1] <= farthest then
            select array_agg(near.id order by near.similarity desc),
                array_agg(near.similarity order by near.similarity desc)
            into near_ids, near_similarities
            from (
                select compared.id, compared.similarity
                from (
                    select known.id, known.similarity
                    from unnest(near_ids, near_similarities) as known (id, similarity)
                    union all
                    select kept.thought_id, -(kept.embedding operator(extensions.<#>) target)
                    from unnest(ids[looked_at + 1 :], distances[looked_at + 1 :]) as code (id, distance)
                    join public.thought_embeddings as kept
                        on kept.user_id = person
                        and kept.thought_id = code.id
                        and kept.model_used = model
                    where code.distance <= farthest
                    order by 2 desc
                ) as compared
                join public.thoughts as texts on texts.user_id = person and texts.id = compared.id
                where (wanted_circle_id is null or texts.circle_id = wanted_circle_id)
                order by compared.similarity desc
                limit wanted
            ) as near;
        end if;
    elsif coalesce(cardinality(near_ids), 0) < wanted and looked_at < cardinality(ids) then
        return query
        select kept.thought_id, -(kept.embedding operator(extensions.<#>) target)
        from public.thought_embeddings as kept
        join public.thoughts as texts on texts.user_id = person and texts.id = kept.thought_id
        where kept.user_id = person
            and kept.model_used = model
            and (wanted_circle_id is null or texts.circle_id = wanted_circle_id)
        order by kept.embedding operator(extensions.<#>) target
        limit wanted;
        return;
    end if;
    return query select near.id, near.similarity from unnest(near_ids, near_similarities) as near (id, similarity);
end
$$;

-- The owner's codes are read from the index alone. The nearest 40 or more are compared by their vectors; how near the
-- last of the wanted ones is says how many more codes have to be looked at. Where that finds too few, all are compared.
create function groundwork.nearest_memories(
    query extensions.vector,
    wanted integer,
    as_of timestamptz
)
returns table (id uuid, similarity double precision)
language plpgsql
stable
rows 10
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
set max_parallel_workers_per_gather = 0
as $$
declare
    least_look constant integer := 40;
    most_codes constant integer := 1500;
    person uuid := groundwork.current_user_id();
    model text := groundwork.active_embedding_model();
    -- All have length 1, so that the inner product is the cosine.
    target extensions.halfvec(1536) := extensions.l2_normalize(query)::extensions.halfvec(1536);
    target_code bit(1536) := extensions.binary_quantize(query)::bit(1536);
    ids uuid[];
    distances double precision[];
    near_ids uuid[];
    near_similarities double precision[];
    looked_at integer;
    farthest double precision;
begin
    select array_agg(code.id), array_agg(code.distance)
    into ids, distances
    from (
        select kept.memory_id as id, kept.code operator(extensions.<~>) target_code as distance
        from public.memory_embeddings as kept
        where kept.user_id = person and kept.model_used = model
        order by kept.code operator(extensions.<~>) target_code
        limit greatest(most_codes, wanted)
    ) as code;

    looked_at := least(greatest(least_look, 4 * wanted), cardinality(ids));
    select array_agg(near.id order by near.similarity desc), array_agg(near.similarity order by near.similarity desc)
    into near_ids, near_similarities
    from (
        select compared.id, compared.similarity
        from (
            select kept.memory_id as id, -(kept.embedding operator(extensions.<#>) target) as similarity
            from unnest(ids[:looked_at]) as code (id)
            join public.memory_embeddings as kept
                on kept.user_id = person
                and kept.memory_id = code.id
                and kept.model_used = model
            order by 2 desc
        ) as compared
        join public.personal_memories as texts on texts.user_id = person and texts.id = compared.id
        where (as_of is null or texts.valid_from <= as_of and coalesce(texts.valid_to > as_of, true))
        order by compared.similarity desc
        limit wanted
    ) as near;

    if cardinality(near_ids) = wanted and looked_at < cardinality(ids) then
        farthest := groundwork.farthest_code(near_similarities[wanted]);
        if distances[looked_at + 1] <= farthest then
            select array_agg(near.id order by near.similarity desc),
                array_agg(near.similarity order by near.similarity desc)
            into near_ids, near_similarities
            from (
                select compared.id, compared.similarity
                from (
                    select known.id, known.similarity
                    from unnest(near_ids, near_similarities) as known (id, similarity)
                    union all
                    select kept.memory_id, -(kept.embedding operator(extensions.<#>) target)
                    from unnest(ids[looked_at + 1 :], distances[looked_at + 1 :]) as code (id, distance)
                    join public.memory_embeddings as kept
                        on kept.user_id = person
                        and kept.memory_id = code.id
                        and kept.model_used = model
                    where code.distance <= farthest
                    order by 2 desc
                ) as compared
                join public.personal_memories as texts on texts.user_id = person and texts.id = compared.id
                where (as_of is null or texts.valid_from <= as_of and coalesce(texts.valid_to > as_of, true))
                order by compared.similarity desc
                limit wanted
            ) as near;
        end if;
    elsif coalesce(cardinality(near_ids), 0) < wanted and looked_at < cardinality(ids) then
        return query
        select kept.memory_id, -(kept.embedding operator(extensions.<#>) target)
        from public.memory_embeddings as kept
        join public.personal_memories as texts on texts.user_id = person and texts.id = kept.memory_id
        where kept.user_id = person
            and kept.model_used = model
            and (as_of is null or texts.valid_from <= as_of and coalesce(texts.valid_to > as_of, true))
        order by kept.embedding operator(extensions.<#>) target
        limit wanted;
        return;
    end if;
    return query select near.id, near.similarity from unnest(near_ids, near_similarities) as near (id, similarity);
end
$$;

create function groundwork.check_match_count(match_count integer)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if match_count between 1 and 1000 then
        return;
    end if;
    perform groundwork.raise_error('GW906', format('match_count is %s.', coalesce(match_count::text, 'null')));
end
$$;

create function public.match_thoughts(
    query_embedding extensions.vector,
    match_count integer default 10,
    match_threshold double precision default null,
    in_circle_id bigint default null
)
returns table (
    id bigint,
    thought_text text,
    tags text[],
    circle_id bigint,
    created_at timestamptz,
    similarity double precision
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform groundwork.check_match_count(match_count);
    return query
    select thoughts.id, thoughts.thought_text, thoughts.tags, thoughts.circle_id, thoughts.created_at, near.similarity
    from groundwork.nearest_thoughts(query_embedding, match_count, in_circle_id) as near
    join public.thoughts on thoughts.id = near.id
    where match_threshold is null or near.similarity >= match_threshold
    order by near.similarity desc, thoughts.id;
end
$$;

create function public.match_memories(
    query_embedding extensions.vector,
    match_count integer default 10,
    match_threshold double precision default null,
    as_of timestamptz default now()
)
returns table (
    id uuid,
    content text,
    source text,
    confidence double precision,
    valid_from timestamptz,
    valid_to timestamptz,
    superseded_by uuid,
    created_at timestamptz,
    similarity double precision
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform groundwork.check_match_count(match_count);
    return query
    select
        memories.id,
        memories.content,
        memories.source,
        memories.confidence,
        memories.valid_from,
        memories.valid_to,
        memories.superseded_by,
        memories.created_at,
        near.similarity
    from groundwork.nearest_memories(query_embedding, match_count, as_of) as near
    join public.personal_memories as memories on memories.id = near.id
    where match_threshold is null or near.similarity >= match_threshold
    order by near.similarity desc, memories.id;
end
$$;

create function public.related_thoughts(thought_id bigint, match_count integer default 10)
returns table (
    id bigint,
    thought_text text,
    circle_id bigint,
    created_at timestamptz,
    similarity double precision,
    relationship public.thought_relationship_kind
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    person uuid := groundwork.current_user_id();
    own_embedding extensions.halfvec;
begin
    perform groundwork.check_match_count(match_count);
    perform from public.thoughts where thoughts.user_id = person and thoughts.id = thought_id;
    if not found then
        perform groundwork.raise_error('GW206', format('Thought %s.', thought_id));
    end if;
    select kept.embedding
    into own_embedding
    from public.thought_embeddings as kept
    where kept.user_id = person
        and kept.thought_id = related_thoughts.thought_id
        and kept.model_used = groundwork.active_embedding_model();
    return query
    with drawn as (
        select
            case when edge.from_thought_id = thought_id then edge.to_thought_id else edge.from_thought_id end as id,
            max(edge.weight)::double precision as weight,
            -- What the person drew comes before what was computed.
            max(edge.kind) as kind
        from public.thought_relationships as edge
        where edge.user_id = person and thought_id in (edge.from_thought_id, edge.to_thought_id)
        group by 1
    ),
    near as (
        select found.id, found.similarity
        from groundwork.nearest_thoughts(own_embedding::extensions.vector, match_count + 1, null) as found
        where own_embedding is not null and found.id <> thought_id
    )
    select
        thoughts.id,
        thoughts.thought_text,
        thoughts.circle_id,
        thoughts.created_at,
        coalesce(
            near.similarity,
            -(kept.embedding operator(extensions.<#>) own_embedding)
        ),
        coalesce(drawn.kind, 'semantic')
    from drawn
    full join near on near.id = drawn.id
    join public.thoughts on thoughts.id = coalesce(drawn.id, near.id)
    left join public.thought_embeddings as kept
        on kept.user_id = person
        and kept.thought_id = thoughts.id
        and kept.model_used = groundwork.active_embedding_model()
    order by drawn.weight desc nulls last, 5 desc nulls last, thoughts.id
    limit match_count;
end
$$;

-- Security definer: the operator @@ is not leakproof, so under row-level security no index serves it, and each search
-- would parse all of a person's texts. Whose texts are searched is said here; the caller reads them by the policies.
create function groundwork.find_words(query tsquery, kinds public.search_kind[], wanted integer)
returns table (kind public.search_kind, id text, place bigint)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
declare
    -- The latest so many of a kind are ranked, so that a word that is everywhere costs no more.
    most_ranked constant integer := 1000;
    person uuid := groundwork.current_user_id();
    unordered tsquery := groundwork.without_phrases(query);
begin
    return query
    with found as (
        (
            select
                'thought'::public.search_kind as kind,
                texts.id::text as id,
                groundwork.words_of(texts.thought_text) as words
            from public.thoughts as texts
            where 'thought' = any(kinds)
                and texts.user_id = person
                and groundwork.words_of(texts.thought_text) @@ query
            order by texts.created_at desc
            limit most_ranked
        )
        union all
        (
            select
                'memory'::public.search_kind as kind,
                texts.id::text as id,
                groundwork.words_of(texts.content) as words
            from public.personal_memories as texts
            where 'memory' = any(kinds)
                and texts.user_id = person
                and groundwork.words_of(texts.content) @@ query
            order by texts.created_at desc
            limit most_ranked
        )
        union all
        (
            select
                'persona'::public.search_kind as kind,
                texts.id::text as id,
                groundwork.words_of(coalesce(texts.title, '') || ' ' || texts.raw_text) as words
            from public.personas as texts
            where 'persona' = any(kinds)
                and texts.user_id = person
                and groundwork.words_of(coalesce(texts.title, '') || ' ' || texts.raw_text) @@ query
            order by texts.updated_at desc
            limit most_ranked
        )
        union all
        (
            select
                'task'::public.search_kind as kind,
                texts.id::text as id,
                groundwork.words_of(texts.title || ' ' || coalesce(texts.description, '')) as words
            from public.tasks as texts
            where 'task' = any(kinds)
                and texts.user_id = person
                and groundwork.words_of(texts.title || ' ' || coalesce(texts.description, '')) @@ query
            order by texts.updated_at desc
            limit most_ranked
        )
        union all
        (
            select
                'story'::public.search_kind as kind,
                texts.id::text as id,
                groundwork.words_of(texts.story_text) as words
            from public.stories as texts
            where 'story' = any(kinds)
                and texts.user_id = person
                and groundwork.words_of(texts.story_text) @@ query
            order by texts.completed_at desc
            limit most_ranked
        )
        union all
        (
            select
                'content'::public.search_kind as kind,
                texts.id::text as id,
                groundwork.words_of(texts.title || ' ' || texts.content) as words
            from public.content_assets as texts
            where 'content' = any(kinds)
                and texts.user_id = person
                and groundwork.words_of(texts.title || ' ' || texts.content) @@ query
            order by texts.updated_at desc
            limit most_ranked
        )
    )
    select found.kind, found.id, row_number() over (order by ts_rank_cd(found.words, unordered, 1) desc, found.id)
    from found
    order by 3
    limit wanted;
end
$$;

-- A phrase that repeats a word takes the cube of its length to rank and to mark. So it says which texts are found, and
-- nothing else.
create function groundwork.without_phrases(query tsquery)
returns tsquery
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
as $$
    select regexp_replace(query::text, '<(-|\d+)>', '&', 'g')::tsquery;
$$;

-- Safe to show as HTML: only the marks are elements. Of a long query nothing is marked, which would take seconds.
create function groundwork.snippet(content text, query tsquery)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    most_nodes constant integer := 20;
    safe text := replace(replace(replace(left(content, 4000), '&', '&amp;'), '<', '&lt;'), '>', '&gt;');
begin
    return ts_headline(
        'pg_catalog.english',
        safe,
        case when numnode(query) <= most_nodes then query else '' end,
        'StartSel=<mark>, StopSel=</mark>, MaxWords=35, MinWords=15'
    );
end
$$;

create function public.search(
    query text,
    query_embedding extensions.vector default null,
    match_count integer default 10,
    kinds public.search_kind[] default null
)
returns table (
    kind public.search_kind,
    id text,
    title text,
    snippet text,
    rank double precision,
    created_at timestamptz
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
    -- The constant of reciprocal rank fusion (Cormack, Clarke, Büttcher: Reciprocal Rank Fusion outperforms Condorcet
    -- and individual Rank Learning Methods, SIGIR 2009).
    smoothing constant double precision := 60;
    -- A longer text is one to compare by its vector: as words it would have to occur whole.
    most_characters constant integer := 500;
    wanted_kinds public.search_kind[] := coalesce(kinds, enum_range(null::public.search_kind));
    words tsquery;
    unordered tsquery;
    depth integer;
begin
    perform groundwork.check_match_count(match_count);
    if coalesce(query, '') !~ '\S' and query_embedding is null then
        perform groundwork.raise_error('GW907');
    end if;
    words := websearch_to_tsquery('pg_catalog.english', left(coalesce(query, ''), most_characters));
    unordered := groundwork.without_phrases(words);
    -- Deep enough that what is second in both lists can come before what is first in one.
    depth := greatest(match_count, 50);
    return query
    with hit as (
        select found.kind, found.id, 1 / (smoothing + found.place) as score
        from groundwork.find_words(words, wanted_kinds, depth) as found
        union all
        select near.kind, near.id, 1 / (smoothing + row_number() over (order by near.similarity desc, near.id))
        from (
            select 'thought'::public.search_kind as kind, thought.id::text as id, thought.similarity
            from groundwork.nearest_thoughts(query_embedding, depth, null) as thought
            where query_embedding is not null and 'thought' = any(wanted_kinds)
            union all
            select 'memory', memory.id::text, memory.similarity
            from groundwork.nearest_memories(query_embedding, depth, now()) as memory
            where query_embedding is not null and 'memory' = any(wanted_kinds)
        ) as near
    ),
    best as (
        select hit.kind, hit.id, sum(hit.score)::double precision as score
        from hit
        group by hit.kind, hit.id
        order by 3 desc, 1, 2
        limit match_count
    ),
    shown as (
        select
            best.kind,
            best.id,
            best.score,
            null::text as title,
            texts.thought_text as content,
            texts.created_at
        from best
        join public.thoughts as texts on texts.id = case when best.kind = 'thought' then best.id::bigint end
        union all
        select
            best.kind,
            best.id,
            best.score,
            null::text as title,
            texts.content as content,
            texts.created_at
        from best
        join public.personal_memories as texts on texts.id = case when best.kind = 'memory' then best.id::uuid end
        union all
        select
            best.kind,
            best.id,
            best.score,
            texts.title::text as title,
            texts.raw_text as content,
            texts.created_at
        from best
        join public.personas as texts on texts.id = case when best.kind = 'persona' then best.id::uuid end
        union all
        select
            best.kind,
            best.id,
            best.score,
            texts.title::text as title,
            coalesce(texts.description, '') as content,
            texts.created_at
        from best
        join public.tasks as texts on texts.id = case when best.kind = 'task' then best.id::bigint end
        union all
        select
            best.kind,
            best.id,
            best.score,
            null::text as title,
            texts.story_text as content,
            texts.created_at
        from best
        join public.stories as texts on texts.id = case when best.kind = 'story' then best.id::bigint end
        union all
        select
            best.kind,
            best.id,
            best.score,
            texts.title::text as title,
            texts.content as content,
            texts.created_at
        from best
        join public.content_assets as texts on texts.id = case when best.kind = 'content' then best.id::uuid end
    )
    select
        shown.kind,
        shown.id,
        shown.title,
        groundwork.snippet(shown.content, unordered),
        shown.score,
        shown.created_at
    from shown
    order by shown.score desc, shown.kind, shown.id;
end
$$;

-- Row-level security --------------------------------------------------------------------------------------------------

alter table public.thought_relationships enable row level security;

create policy "people can read how their own thoughts are related"
on public.thought_relationships
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "people can relate their own thoughts"
on public.thought_relationships
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()));

-- No update: a relationship is made and removed, it does not change.

create policy "people can remove relationships of their own thoughts"
on public.thought_relationships
for delete
to authenticated
using (user_id = (select groundwork.current_user_id()));

-- Grants --------------------------------------------------------------------------------------------------------------

revoke all on table public.thought_relationships from public, anon, authenticated, service_role;
revoke all on sequence public.thought_relationships_id_seq from public, anon, authenticated, service_role;

-- Not kind: what a person relates is explicit.
grant select, delete on table public.thought_relationships to authenticated;
grant insert (user_id, from_thought_id, to_thought_id, weight, note)
on table public.thought_relationships
to authenticated;
grant select, insert, update, delete on table public.thought_relationships to service_role;

revoke all on function groundwork.words_of(text) from public, anon, authenticated, service_role;
revoke all on function groundwork.farthest_code(double precision) from public, anon, authenticated, service_role;
revoke all on function groundwork.nearest_thoughts(extensions.vector, integer, bigint)
from public, anon, authenticated, service_role;
revoke all on function groundwork.nearest_memories(extensions.vector, integer, timestamptz)
from public, anon, authenticated, service_role;
revoke all on function groundwork.check_match_count(integer) from public, anon, authenticated, service_role;
revoke all on function groundwork.find_words(tsquery, public.search_kind[], integer)
from public, anon, authenticated, service_role;
revoke all on function groundwork.without_phrases(tsquery) from public, anon, authenticated, service_role;
revoke all on function groundwork.snippet(text, tsquery) from public, anon, authenticated, service_role;
revoke all on function public.match_thoughts(extensions.vector, integer, double precision, bigint)
from public, anon, authenticated, service_role;
revoke all on function public.match_memories(extensions.vector, integer, double precision, timestamptz)
from public, anon, authenticated, service_role;
revoke all on function public.related_thoughts(bigint, integer) from public, anon, authenticated, service_role;
revoke all on function public.search(text, extensions.vector, integer, public.search_kind[])
from public, anon, authenticated, service_role;

grant execute on function groundwork.words_of(text) to authenticated, service_role;
grant execute on function groundwork.farthest_code(double precision) to authenticated;
grant execute on function groundwork.nearest_thoughts(extensions.vector, integer, bigint) to authenticated;
grant execute on function groundwork.nearest_memories(extensions.vector, integer, timestamptz)
to authenticated;
grant execute on function groundwork.check_match_count(integer) to authenticated;
grant execute on function groundwork.find_words(tsquery, public.search_kind[], integer) to authenticated;
grant execute on function groundwork.without_phrases(tsquery) to authenticated;
grant execute on function groundwork.snippet(text, tsquery) to authenticated;
grant execute on function public.match_thoughts(extensions.vector, integer, double precision, bigint)
to authenticated;
grant execute on function public.match_memories(extensions.vector, integer, double precision, timestamptz)
to authenticated;
grant execute on function public.related_thoughts(bigint, integer) to authenticated;
grant execute on function public.search(text, extensions.vector, integer, public.search_kind[])
to authenticated;

-- Data ----------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    ('GW206', 404, 'There is no such thought.', 'Check the id; other people''s thoughts can''t be seen.'),
    ('GW906', 400, 'match_count is out of range.', 'It is 1 to 1000.'),
    ('GW907', 400, 'There is nothing to search for.', 'Give a query with a word in it, a query_embedding, or both.');

-- Comments ------------------------------------------------------------------------------------------------------------

comment on type public.search_kind is 'What search() looks through.';
comment on type public.thought_relationship_kind is
    'semantic: near in meaning; explicit: drawn by the person.';

comment on table public.thought_relationships is 'Which thoughts belong together, beyond their circles.';
comment on column public.thought_relationships.weight is 'How strongly, 0 to 1.';
comment on column public.thought_relationships.note is 'Why, in the person''s words.';

comment on function groundwork.words_of(text) is 'The words that a text is found by: English stems, others as they are.';
comment on function groundwork.farthest_code(double precision) is
    'In how many of 1536 signs a vector of that cosine similarity differs at most, two standard deviations allowed.';
comment on function groundwork.nearest_thoughts(extensions.vector, integer, bigint) is
    'The caller''s thoughts nearest to a vector of the active model, of one circle if given: as many as wanted, or '
    'all.';
comment on function groundwork.nearest_memories(extensions.vector, integer, timestamptz) is
    'The caller''s memories nearest to a vector of the active model, as they were true at a time: as many as '
    'wanted, or all. A null time means at any time.';
comment on function groundwork.check_match_count(integer) is 'Raises GW906 outside of 1 to 1000.';
comment on function groundwork.find_words(tsquery, public.search_kind[], integer) is
    'The caller''s texts with these words, the best first.';
comment on function groundwork.without_phrases(tsquery) is 'The same words, in any order.';
comment on function groundwork.snippet(text, tsquery) is 'Where the words stand, marked, as HTML without other elements.';
comment on function public.match_thoughts(extensions.vector, integer, double precision, bigint) is
    'The caller''s thoughts nearest to a vector of the active embedding model, of one circle if given: match_count '
    '(1 to 1000) whenever that many have a vector, unless match_threshold, the least cosine similarity, leaves '
    'fewer. Error: GW906.';
comment on function public.match_memories(extensions.vector, integer, double precision, timestamptz) is
    'The caller''s memories nearest to a vector of the active embedding model, as they were true at as_of, now unless '
    'given: match_count (1 to 1000) whenever that many have a vector, unless match_threshold, the least cosine '
    'similarity, leaves fewer. as_of null: also those that are true no more. Error: GW906.';
comment on function public.related_thoughts(bigint, integer) is
    'Thoughts of the caller that belong to this one: those drawn to it first, then the nearest in meaning. '
    'Errors: GW206, GW906.';
comment on function public.search(text, extensions.vector, integer, public.search_kind[]) is
    'The caller''s texts by words (as web search engines take them: "…", or, -) and by meaning, fused by reciprocal '
    'rank; meaning for thoughts and memories, if query_embedding, a vector of the active embedding model, is given. '
    'snippet is HTML whose only elements are <mark>. The Edge Function search makes the vector. '
    'Errors: GW906, GW907.';
