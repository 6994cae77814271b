-- Search, nearest: finds a user's texts by their meaning.
-- Needs: helpers, identity, care_loop, memories, embeddings_tables.

-- Raises GW906 if match_count is not from 1 to 1000.
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

-- Returns in how many of 1536 signs two vectors of this cosine similarity differ at most, with a margin of two standard
-- deviations. The share of signs that differ is proportional to the angle (M. S. Charikar: Similarity Estimation
-- Techniques from Rounding Algorithms, STOC 2002), and their number has a binomial distribution.
create function groundwork.max_code_distance(similarity double precision)
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

-- Creates the function function_name(query extensions.vector, wanted integer, argument). It returns the caller's texts
-- of one kind that meet the condition and are nearest to a vector of the active model: as many as wanted, or all if
-- there are fewer.
--
-- 1. It reads the user's codes from an index only, and keeps the 1500 nearest.
-- 2. It compares the embeddings of the nearest 40 of these, or of four times as many as wanted.
-- 3. It compares the embeddings of those further codes that could still be nearer than the last text found.
-- 4. If too few texts meet the condition, it compares all embeddings of the user instead.
--
-- Each kind of text has a function of its own, because plpgsql keeps the plans of statements that name their table.
create function groundwork.create_nearest(
    function_name text,
    texts regclass,
    vectors regclass,
    id_column text,
    id_type regtype,
    argument text,
    condition text
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format(
        $function$
            create function groundwork.%1$I(query extensions.vector, wanted integer, %6$s)
            returns table (id %5$s, similarity double precision)
            language plpgsql
            stable
            rows 10
            set search_path = pg_catalog, pg_temp
            set plan_cache_mode = force_generic_plan
            set enable_seqscan = off
            set enable_bitmapscan = off
            set jit = off
            set max_parallel_workers_per_gather = 0
            as $body$
            declare
                min_compared constant integer := 40;
                max_codes constant integer := 1500;
                caller_id uuid := groundwork.current_user_id();
                model text := groundwork.active_embedding_model();
                -- All vectors have length 1, so the inner product is the cosine similarity.
                target extensions.halfvec(1536) := extensions.l2_normalize(query)::extensions.halfvec(1536);
                target_code bit(1536) := extensions.binary_quantize(query)::bit(1536);
                ids %5$s[];
                distances double precision[];
                near_ids %5$s[];
                near_similarities double precision[];
                looked_at integer;
                farthest double precision;
            begin
                select array_agg(code.id), array_agg(code.distance)
                into ids, distances
                from (
                    select kept.%4$I as id, kept.code operator(extensions.<~>) target_code as distance
                    from %3$s as kept
                    where kept.user_id = caller_id and kept.model_used = model
                    order by kept.code operator(extensions.<~>) target_code
                    limit greatest(max_codes, wanted)
                ) as code;

                looked_at := least(greatest(min_compared, 4 * wanted), cardinality(ids));
                select
                    array_agg(near.id order by near.similarity desc),
                    array_agg(near.similarity order by near.similarity desc)
                into near_ids, near_similarities
                from (
                    select compared.id, compared.similarity
                    from (
                        select kept.%4$I as id, -(kept.embedding operator(extensions.<#>) target) as similarity
                        from unnest(ids[:looked_at]) as code (id)
                        join %3$s as kept
                            on kept.user_id = caller_id
                            and kept.%4$I = code.id
                            and kept.model_used = model
                        order by 2 desc
                    ) as compared
                    join %2$s as texts on texts.user_id = caller_id and texts.id = compared.id
                    where %7$s
                    order by compared.similarity desc
                    limit wanted
                ) as near;

                if cardinality(near_ids) = wanted and looked_at < cardinality(ids) then
                    farthest := groundwork.max_code_distance(near_similarities[wanted]);
                    if distances[looked_at + 1] <= farthest then
                        select
                            array_agg(near.id order by near.similarity desc),
                            array_agg(near.similarity order by near.similarity desc)
                        into near_ids, near_similarities
                        from (
                            select compared.id, compared.similarity
                            from (
                                select known.id, known.similarity
                                from unnest(near_ids, near_similarities) as known (id, similarity)
                                union all
                                select kept.%4$I, -(kept.embedding operator(extensions.<#>) target)
                                from unnest(ids[looked_at + 1 :], distances[looked_at + 1 :]) as code (id, distance)
                                join %3$s as kept
                                    on kept.user_id = caller_id
                                    and kept.%4$I = code.id
                                    and kept.model_used = model
                                where code.distance <= farthest
                                order by 2 desc
                            ) as compared
                            join %2$s as texts on texts.user_id = caller_id and texts.id = compared.id
                            where %7$s
                            order by compared.similarity desc
                            limit wanted
                        ) as near;
                    end if;
                elsif coalesce(cardinality(near_ids), 0) < wanted and looked_at < cardinality(ids) then
                    return query
                    select kept.%4$I, -(kept.embedding operator(extensions.<#>) target)
                    from %3$s as kept
                    join %2$s as texts on texts.user_id = caller_id and texts.id = kept.%4$I
                    where kept.user_id = caller_id
                        and kept.model_used = model
                        and (%7$s)
                    order by kept.embedding operator(extensions.<#>) target
                    limit wanted;
                    return;
                end if;
                return query
                select near.id, near.similarity
                from unnest(near_ids, near_similarities) as near (id, similarity);
            end
            $body$
        $function$,
        function_name,
        texts,
        vectors,
        id_column,
        id_type,
        argument,
        condition
    );
end
$$;

select
    groundwork.create_nearest(
        'nearest_thoughts', 'public.thoughts', 'public.thought_embeddings', 'thought_id', 'bigint',
        'in_circle_id bigint',
        '(in_circle_id is null or texts.circle_id = in_circle_id)'
    ),
    groundwork.create_nearest(
        'nearest_memories', 'public.personal_memories', 'public.memory_embeddings', 'memory_id', 'uuid',
        'as_of timestamptz',
        '(as_of is null or texts.valid_from <= as_of and coalesce(texts.valid_to > as_of, true))'
    );

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

comment on function public.match_thoughts(extensions.vector, integer, double precision, bigint) is
    'Returns the caller''s thoughts that are nearest to a vector of the active embedding model. in_circle_id '
    'restricts them to one circle. It returns match_count (1 to 1000) thoughts if that many have an embedding. '
    'match_threshold is the lowest cosine similarity that is returned, and may leave fewer. Error: GW906.';

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

comment on function public.match_memories(extensions.vector, integer, double precision, timestamptz) is
    'Returns the caller''s memories that are nearest to a vector of the active embedding model and were true at '
    'as_of, which is now by default. If as_of is null, it also returns those that are no longer true. It returns '
    'match_count (1 to 1000) memories if that many have an embedding. match_threshold is the lowest cosine similarity '
    'that is returned, and may leave fewer. Error: GW906.';

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
    caller_id uuid := groundwork.current_user_id();
    own_embedding extensions.halfvec;
begin
    perform groundwork.check_match_count(match_count);
    perform from public.thoughts where thoughts.user_id = caller_id and thoughts.id = thought_id;
    if not found then
        perform groundwork.raise_error('GW206', format('Thought %s.', thought_id));
    end if;
    select kept.embedding
    into own_embedding
    from public.thought_embeddings as kept
    where kept.user_id = caller_id
        and kept.thought_id = related_thoughts.thought_id
        and kept.model_used = groundwork.active_embedding_model();
    return query
    with drawn as (
        select
            case when edge.from_thought_id = thought_id then edge.to_thought_id else edge.from_thought_id end as id,
            max(edge.weight)::double precision as weight,
            -- A relationship that the caller made comes before one that was computed.
            max(edge.kind) as kind
        from public.thought_relationships as edge
        where edge.user_id = caller_id and thought_id in (edge.from_thought_id, edge.to_thought_id)
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
        on kept.user_id = caller_id
        and kept.thought_id = thoughts.id
        and kept.model_used = groundwork.active_embedding_model()
    order by drawn.weight desc nulls last, 5 desc nulls last, thoughts.id
    limit match_count;
end
$$;

comment on function public.related_thoughts(bigint, integer) is
    'Returns thoughts of the caller that belong to this one: first those that the caller related to it, then the '
    'nearest in meaning. Errors: GW206, GW906.';

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    ('GW206', 404, 'There is no such thought.', 'Check the id; other users'' thoughts can''t be seen.'),
    ('GW906', 400, 'match_count is out of range.', 'It is 1 to 1000.');

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.check_match_count, groundwork.max_code_distance, groundwork.create_nearest, groundwork.nearest_thoughts,
    groundwork.nearest_memories,
    public.match_thoughts(extensions.vector, integer, double precision, bigint),
    public.match_memories(extensions.vector, integer, double precision, timestamptz),
    public.related_thoughts(bigint, integer)
from public, anon, authenticated, service_role;

grant execute on function
    groundwork.check_match_count,
    groundwork.max_code_distance,
    groundwork.nearest_thoughts,
    groundwork.nearest_memories,
    public.match_thoughts(extensions.vector, integer, double precision, bigint),
    public.match_memories(extensions.vector, integer, double precision, timestamptz),
    public.related_thoughts(bigint, integer)
to authenticated;
