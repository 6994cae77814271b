-- Search, words: finds a user's texts by their words.
-- Needs: helpers, identity, care_loop, tasks, personas, memories, campaigns.
-- Adds to: thoughts, personal_memories, personas, tasks, stories, content_assets.

-- Indexes by user_id and words need this extension.
create extension if not exists btree_gin with schema extensions;

create type public.search_kind as enum ('thought', 'memory', 'persona', 'task', 'story', 'content');

comment on type public.search_kind is 'The kinds of texts that search() finds.';

-- Returns the words that a text is found by. English words are reduced to their stems, and others stay as they are.
--
-- It reads only the beginning of a long text, because a tsvector holds no more than a megabyte.
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

-- Returns a query for the same words in any order.
--
-- The time to rank and to mark a phrase that repeats a word grows with the cube of its length. So phrases decide which
-- texts are found, and are not used to rank or mark them.
create function groundwork.without_phrases(query tsquery)
returns tsquery
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
as $$
    select regexp_replace(query::text, '<(-|\d+)>', '&', 'g')::tsquery;
$$;

-- Returns the caller's texts that match the query, the best first.
--
-- Security definer: the operator @@ is not leakproof. So under row-level security Postgres uses no index for it, and
-- each search would parse all texts of a user. This function searches only the texts of the caller, and returns their
-- ids. The caller then reads the texts under the policies.
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
    -- Only this many texts of a kind are ranked, the latest ones, so that a word that is in every text does not take
    -- longer.
    max_ranked constant integer := 1000;
    caller_id uuid := groundwork.current_user_id();
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
                and texts.user_id = caller_id
                and groundwork.words_of(texts.thought_text) @@ query
            order by texts.created_at desc
            limit max_ranked
        )
        union all
        (
            select
                'memory'::public.search_kind as kind,
                texts.id::text as id,
                groundwork.words_of(texts.content) as words
            from public.personal_memories as texts
            where 'memory' = any(kinds)
                and texts.user_id = caller_id
                and groundwork.words_of(texts.content) @@ query
            order by texts.created_at desc
            limit max_ranked
        )
        union all
        (
            select
                'persona'::public.search_kind as kind,
                texts.id::text as id,
                groundwork.words_of(coalesce(texts.title, '') || ' ' || texts.raw_text) as words
            from public.personas as texts
            where 'persona' = any(kinds)
                and texts.user_id = caller_id
                and groundwork.words_of(coalesce(texts.title, '') || ' ' || texts.raw_text) @@ query
            order by texts.updated_at desc
            limit max_ranked
        )
        union all
        (
            select
                'task'::public.search_kind as kind,
                texts.id::text as id,
                groundwork.words_of(texts.title || ' ' || coalesce(texts.description, '')) as words
            from public.tasks as texts
            where 'task' = any(kinds)
                and texts.user_id = caller_id
                and groundwork.words_of(texts.title || ' ' || coalesce(texts.description, '')) @@ query
            order by texts.updated_at desc
            limit max_ranked
        )
        union all
        (
            select
                'story'::public.search_kind as kind,
                texts.id::text as id,
                groundwork.words_of(texts.story_text) as words
            from public.stories as texts
            where 'story' = any(kinds)
                and texts.user_id = caller_id
                and groundwork.words_of(texts.story_text) @@ query
            order by texts.completed_at desc
            limit max_ranked
        )
        union all
        (
            select
                'content'::public.search_kind as kind,
                texts.id::text as id,
                groundwork.words_of(texts.title || ' ' || texts.content) as words
            from public.content_assets as texts
            where 'content' = any(kinds)
                and texts.user_id = caller_id
                and groundwork.words_of(texts.title || ' ' || texts.content) @@ query
            order by texts.updated_at desc
            limit max_ranked
        )
    )
    select found.kind, found.id, row_number() over (order by ts_rank_cd(found.words, unordered, 1) desc, found.id)
    from found
    order by 3
    limit wanted;
end
$$;

-- Returns the part of the text that has the words of the query, as HTML. The words are in <mark> elements.
--
-- The HTML is safe to show, because it has no other elements. For a long query nothing is marked, because that would
-- take seconds.
create function groundwork.snippet(content text, query tsquery)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    max_nodes constant integer := 20;
    safe text := replace(replace(replace(left(content, 4000), '&', '&amp;'), '<', '&lt;'), '>', '&gt;');
begin
    return ts_headline(
        'pg_catalog.english',
        safe,
        case when numnode(query) <= max_nodes then query else '' end,
        'StartSel=<mark>, StopSel=</mark>, MaxWords=35, MinWords=15'
    );
end
$$;

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.words_of, groundwork.without_phrases, groundwork.find_words, groundwork.snippet
from public, anon, authenticated, service_role;

grant execute on function groundwork.words_of to authenticated, service_role;

grant execute on function
    groundwork.without_phrases,
    groundwork.find_words,
    groundwork.snippet
to authenticated;
