-- Discover: what a user may care for next.
-- Needs: helpers, identity, care_loop, embeddings_tables, search_nearest, organizing.

-- Returns the thoughts that a user cares for, with weights.
--
-- A link from an active intention weighs 1, from a completed one 2, and from an archived one 0.5. The weight halves
-- every 30 days.
create function groundwork.cares(for_user_id uuid, at timestamptz)
returns table (thought_id bigint, weight double precision)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        care.thought_id,
        sum(
            case intentions.status when 'completed' then 2 when 'archived' then 0.5 else 1 end
            * 0.5 ^ (greatest(extract(epoch from at - care.created_at), 0) / 86400 / 30)
        )::double precision
    from public.intention_cares as care
    join public.intentions on intentions.user_id = care.user_id and intentions.id = care.intention_id
    where care.user_id = for_user_id
    group by care.thought_id;
end
$$;

-- Returns the vibe profile without its version and time. Its vector is the weighted mean of the embeddings of the 200
-- thoughts with the greatest weights.
create function groundwork.compute_vibe_profile(for_user_id uuid, model text, at timestamptz)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    max_vectors constant integer := 200;
    profile jsonb;
begin
    with care as materialized (
        select cares.thought_id, cares.weight, thoughts.circle_id, thoughts.tags
        from groundwork.cares(for_user_id, at) as cares
        join public.thoughts on thoughts.user_id = for_user_id and thoughts.id = cares.thought_id
    ),
    -- A circle with a high care_frequency counts a little, even if no intention is linked to its thoughts.
    circle as (
        select
            circles.id,
            coalesce(sum(care.weight), 0) + 0.1 * ln(1 + circles.care_frequency) as weight
        from public.circles
        left join care on care.circle_id = circles.id
        where circles.user_id = for_user_id
        group by circles.id, circles.care_frequency
    ),
    tag as (
        select tagged.tag, sum(care.weight) as weight
        from care
        cross join unnest(care.tags) as tagged (tag)
        group by tagged.tag
    ),
    heaviest as (
        select care.weight, kept.embedding
        from care
        join public.thought_embeddings as kept
            on kept.user_id = for_user_id
            and kept.thought_id = care.thought_id
            and kept.model_used = model
        order by care.weight desc, care.thought_id
        limit max_vectors
    ),
    sums as (
        select place.ordinal, sum(heaviest.weight * place.number) as number
        from heaviest
        cross join unnest(heaviest.embedding::extensions.vector(1536)::real[])
            with ordinality as place (number, ordinal)
        group by place.ordinal
    )
    select
        jsonb_build_object(
            'model', model,
            'cares', (select count(*) from care),
            'circles', coalesce(
                (
                    select
                        jsonb_agg(
                            jsonb_build_object('circle_id', best.id, 'weight', round(best.share::numeric, 4))
                            order by best.share desc, best.id
                        )
                    from (
                        select circle.id, circle.weight / max(circle.weight) over () as share
                        from circle
                        where circle.weight > 0
                        order by circle.weight desc, circle.id
                        limit 50
                    ) as best
                ),
                '[]'
            ),
            'tags', coalesce(
                (
                    select
                        jsonb_agg(
                            jsonb_build_object('tag', best.tag, 'weight', round(best.share::numeric, 4))
                            order by best.share desc, best.tag
                        )
                    from (
                        select tag.tag, tag.weight / max(tag.weight) over () as share
                        from tag
                        order by tag.weight desc, tag.tag
                        limit 50
                    ) as best
                ),
                '[]'
            ),
            'vector', (
                select jsonb_agg(round((sums.number / length.number)::numeric, 5) order by sums.ordinal)
                from sums
                cross join (select nullif(sqrt(sum(sums.number ^ 2)), 0) as number from sums) as length
                having bool_and(length.number is not null)
            )
        )
    into profile;
    return profile;
end
$$;

-- Security definer: users may read their vibe profile, but may not write it.
create function groundwork.refresh_vibe_profile(at timestamptz)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    caller_id uuid := groundwork.current_user_id();
    model text := groundwork.active_embedding_model();
    former jsonb;
    profile jsonb;
    basis text;
begin
    select users.vibe_profile
    into former
    from public.users
    where users.id = caller_id
    for no key update;
    if not found then
        perform groundwork.raise_error('GW101');
    end if;

    basis := groundwork.content_hash(
        format(
            '%s %s %s %s',
            groundwork.organizing_state(caller_id, model),
            (
                select string_agg(format('%s:%s', care.id, intentions.status), ',' order by care.id)
                from public.intention_cares as care
                join public.intentions on intentions.user_id = care.user_id and intentions.id = care.intention_id
                where care.user_id = caller_id
            ),
            (
                select string_agg(format('%s:%s', circles.id, circles.care_frequency), ',' order by circles.id)
                from public.circles
                where circles.user_id = caller_id
            ),
            (
                select string_agg(format('%s:%s', thoughts.id, thoughts.tags), ',' order by thoughts.id)
                from public.thoughts
                where thoughts.user_id = caller_id and thoughts.tags is not null
            )
        )
    );
    if former is not null
        and (former ->> 'computed_at')::timestamptz > at - interval '1 day'
        and exists (
            select
            from groundwork.organizing_fingerprints as state
            where state.user_id = caller_id and state.profiled = basis
        )
    then
        return former;
    end if;

    perform groundwork.store_circle_centres(caller_id, model);
    profile := jsonb_build_object(
        'version', coalesce((former ->> 'version')::bigint, 0) + 1,
        'computed_at', at
    ) || groundwork.compute_vibe_profile(caller_id, model, at);
    update public.users set vibe_profile = profile where users.id = caller_id;
    insert into groundwork.organizing_fingerprints as state (user_id, profiled)
    values (caller_id, basis)
    on conflict (user_id) do update
    set profiled = excluded.profiled;
    return profile;
end
$$;

create function public.refresh_vibe_profile()
returns jsonb
language sql
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.refresh_vibe_profile(now());
$$;

comment on function public.refresh_vibe_profile() is
    'Brings users.vibe_profile of the caller up to date, and returns it. It is computed again, with the next version, '
    'if cares, circles, tags or embeddings have changed. It is also computed once a day, because the weights of cares '
    'halve every 30 days.';

create function groundwork.discover(profile jsonb, at timestamptz)
returns table (
    kind text,
    id bigint,
    title text,
    circle_id bigint,
    score double precision,
    affinity double precision,
    recency double precision,
    novelty double precision
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    caller_id uuid := groundwork.current_user_id();
    model text := groundwork.active_embedding_model();
    taste extensions.halfvec(1536) := case
        when jsonb_typeof(profile -> 'vector') = 'array' and profile ->> 'model' = model
            then (profile ->> 'vector')::extensions.halfvec(1536)
    end;
    has_cares boolean := coalesce((profile ->> 'cares')::bigint, 0) > 0;
begin
    return query
    with liked_circle as materialized (
        select liked.circle_id, liked.weight
        from jsonb_to_recordset(profile -> 'circles') as liked (circle_id bigint, weight double precision)
    ),
    liked_tag as materialized (
        select liked.tag, liked.weight
        from jsonb_to_recordset(profile -> 'tags') as liked (tag text, weight double precision)
    ),
    cared as materialized (
        select care.thought_id
        from public.intention_cares as care
        join public.intentions on intentions.user_id = care.user_id and intentions.id = care.intention_id
        where care.user_id = caller_id and intentions.status = 'active'
    ),
    candidate as materialized (
        select
            'thought' as kind,
            thoughts.id,
            left(thoughts.thought_text, 200) as title,
            thoughts.circle_id,
            thoughts.created_at as touched_at,
            coalesce(thoughts.novelty_score, 0.5) as novelty,
            greatest(1 - (kept.embedding operator(extensions.<=>) taste), 0) as similarity,
            greatest(
                (select liked.weight from liked_circle as liked where liked.circle_id = thoughts.circle_id),
                (select max(liked.weight) from liked_tag as liked where liked.tag = any(thoughts.tags)),
                0
            ) as closeness
        from public.thoughts
        left join public.thought_embeddings as kept
            on kept.user_id = thoughts.user_id
            and kept.thought_id = thoughts.id
            and kept.model_used = model
        where thoughts.user_id = caller_id
            and not exists (select from cared where cared.thought_id = thoughts.id)
        union all
        select
            'circle',
            circles.id,
            left(circles.circle_name, 200),
            circles.id,
            coalesce(content.touched_at, circles.created_at),
            coalesce(content.novelty, 0.5),
            greatest(1 - (kept.embedding operator(extensions.<=>) taste), 0),
            coalesce((select liked.weight from liked_circle as liked where liked.circle_id = circles.id), 0)
        from public.circles
        left join public.circle_embeddings as kept
            on kept.user_id = circles.user_id
            and kept.circle_id = circles.id
            and kept.model_used = model
        cross join lateral (
            select
                max(thoughts.created_at) as touched_at,
                avg(thoughts.novelty_score) as novelty,
                bool_or(thoughts.id in (select cared.thought_id from cared)) as is_cared
            from public.thoughts
            where thoughts.user_id = caller_id and thoughts.circle_id = circles.id
        ) as content
        where circles.user_id = caller_id and content.is_cared is not true
    ),
    judged as (
        select
            candidate.*,
            case
                when not has_cares then 0
                when taste is null then candidate.closeness
                else
                    0.7 * coalesce(candidate.similarity / nullif(max(candidate.similarity) over (), 0), 0)
                    + 0.3 * candidate.closeness
            end as affinity,
            0.5 ^ (greatest(extract(epoch from at - candidate.touched_at), 0) / 86400 / 30) as recency
        from candidate
    )
    select
        judged.kind,
        judged.id,
        judged.title,
        judged.circle_id,
        case
            when has_cares then 0.6 * judged.affinity + 0.25 * judged.recency + 0.15 * judged.novelty
            else 0.6 * judged.recency + 0.4 * judged.novelty
        end::double precision as score,
        judged.affinity::double precision,
        judged.recency::double precision,
        judged.novelty
    from judged
    order by score desc, judged.kind, judged.id;
end
$$;

create function public.discover(match_count integer default 10)
returns table (
    kind text,
    id bigint,
    title text,
    circle_id bigint,
    score double precision,
    affinity double precision,
    recency double precision,
    novelty double precision
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform groundwork.check_match_count(match_count);
    return query
    select found.*
    from groundwork.discover(groundwork.refresh_vibe_profile(now()), now()) as found
    limit match_count;
end
$$;

comment on function public.discover(integer) is
    'Returns thoughts and circles that the caller may care for next, the best first. It returns none that an active '
    'intention is for. score = 0.6 affinity + 0.25 recency + 0.15 novelty, each from 0 to 1. affinity = 0.7 × the '
    'cosine similarity to the vibe profile, divided by the highest one, + 0.3 × the weight in the profile of its '
    'circle or of its best tag, whichever is greater. recency halves every 30 days. If the caller has no cares, score '
    '= 0.6 recency + 0.4 novelty. An unknown novelty counts as 0.5. Error: GW906.';

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.cares, groundwork.compute_vibe_profile, groundwork.refresh_vibe_profile, groundwork.discover,
    public.refresh_vibe_profile(),
    public.discover(integer)
from public, anon, authenticated, service_role;

grant execute on function
    groundwork.refresh_vibe_profile,
    public.refresh_vibe_profile(),
    groundwork.discover,
    public.discover(integer)
to authenticated;
