-- Search: finds texts by words and by meaning together.
-- Needs: helpers, care_loop, tasks, personas, memories, campaigns, embeddings_tables, search_words, search_nearest.

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
    -- Only this many characters of a query are searched as words, because a text is found only if it has all words. A
    -- longer query is better compared by its embedding.
    max_characters constant integer := 500;
    wanted_kinds public.search_kind[] := coalesce(kinds, enum_range(null::public.search_kind));
    words tsquery;
    unordered tsquery;
    depth integer;
begin
    perform groundwork.check_match_count(match_count);
    if coalesce(query, '') !~ '\S' and query_embedding is null then
        perform groundwork.raise_error('GW907');
    end if;
    words := websearch_to_tsquery('pg_catalog.english', left(coalesce(query, ''), max_characters));
    unordered := groundwork.without_phrases(words);
    -- Each list is long enough that a text that is second in both lists can come before a text that is first in one.
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

comment on function public.search(text, extensions.vector, integer, public.search_kind[]) is
    'Finds the caller''s texts by words and by meaning, and merges both lists by reciprocal rank. The words are as '
    'web search engines take them: "…", or, -. Thoughts and memories are also found by meaning if query_embedding is '
    'given, a vector of the active embedding model. The Edge Function search makes this vector. snippet is HTML whose '
    'only elements are <mark>. Errors: GW906, GW907.';

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    ('GW907', 400, 'There is nothing to search for.', 'Give a query with a word in it, a query_embedding, or both.');

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    public.search(text, extensions.vector, integer, public.search_kind[])
from public, anon, authenticated, service_role;

grant execute on function public.search(text, extensions.vector, integer, public.search_kind[]) to authenticated;
