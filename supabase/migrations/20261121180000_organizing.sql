-- Organizing: thoughts gather in circles by themselves, and what a person may care for next.
-- Needs: identity, care loop, memories, agent jobs, job queue, workers, embeddings, search.

-- Types ---------------------------------------------------------------------------------------------------------------

create type public.arranger as enum ('person', 'organizer');

-- Tables --------------------------------------------------------------------------------------------------------------

alter table public.thoughts add column placed_by public.arranger;

-- What was looked at last, so that looking again at the same changes nothing.
create table groundwork.organizing_fingerprints (
    user_id uuid constraint organizing_fingerprints_pkey primary key
        constraint organizing_fingerprints_user_id_fkey references public.users (id) on delete cascade,
    organized text,
    profiled text
);

-- Functions -----------------------------------------------------------------------------------------------------------

create function groundwork.note_who_placed()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Only the organizer says so when it places a thought. Whoever deletes a circle arranges its thoughts, too.
    if new.circle_id is not null or tg_op = 'UPDATE' then
        new.placed_by := 'person';
    end if;
    return new;
end
$$;

create function groundwork.forget_novelty()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.novelty_score := null;
    return new;
end
$$;

-- Where the members of circles lie. Each is compared with the middle of the others of its circle: with s as the sum of
-- all their vectors, (x·s - 1) / |s - x|, as all vectors are of unit length.
create function groundwork.circle_centres(person uuid, model text)
returns table (
    circle_id bigint,
    members bigint,
    content_hash text,
    centroid extensions.vector,
    typical double precision,
    spread double precision
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    with member as materialized (
        select
            thoughts.circle_id,
            thoughts.id,
            kept.content_hash,
            kept.embedding::extensions.vector(1536) as embedding
        from public.thoughts
        join public.thought_embeddings as kept
            on kept.user_id = thoughts.user_id
            and kept.thought_id = thoughts.id
            and kept.model_used = model
        where thoughts.user_id = person and thoughts.circle_id is not null
    ),
    middle as materialized (
        select
            member.circle_id,
            count(*) as members,
            groundwork.content_hash(
                string_agg(member.id::text || ':' || member.content_hash, ',' order by member.id)
            ) as content_hash,
            extensions.avg(member.embedding) as mean
        from member
        group by member.circle_id
    ),
    lying as (
        select
            member.circle_id,
            -(member.embedding operator(extensions.<#>) middle.mean) * middle.members as along,
            (extensions.vector_norm(middle.mean) * middle.members) ^ 2 as square
        from member
        join middle on middle.circle_id = member.circle_id
    ),
    near as (
        select
            lying.circle_id,
            avg((lying.along - 1) / sqrt(greatest(lying.square - 2 * lying.along + 1, 1e-12))) as typical,
            stddev_pop((lying.along - 1) / sqrt(greatest(lying.square - 2 * lying.along + 1, 1e-12))) as spread
        from lying
        group by lying.circle_id
    )
    select
        middle.circle_id,
        middle.members,
        middle.content_hash,
        extensions.l2_normalize(middle.mean),
        near.typical,
        near.spread
    from middle
    join near on near.circle_id = middle.circle_id
    -- Vectors that cancel each other out have no middle.
    where extensions.vector_norm(middle.mean) > 0.0001;
end
$$;

create function groundwork.store_circle_centres(person uuid, model text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into public.circle_embeddings as kept (user_id, circle_id, model_used, content_hash, embedding)
    select person, centre.circle_id, model, centre.content_hash, centre.centroid::extensions.halfvec(1536)
    from groundwork.circle_centres(person, model) as centre
    -- In one order, lest two sessions wait for each other.
    order by centre.circle_id
    on conflict (user_id, circle_id, model_used) do update
    set content_hash = excluded.content_hash, embedding = excluded.embedding
    where kept.content_hash <> excluded.content_hash;
    delete from public.circle_embeddings as kept
    where kept.user_id = person
        and kept.model_used = model
        and not exists (
            select
            from public.thoughts
            join public.thought_embeddings as vectors
                on vectors.user_id = thoughts.user_id
                and vectors.thought_id = thoughts.id
                and vectors.model_used = model
            where thoughts.user_id = person and thoughts.circle_id = kept.circle_id
        );
end
$$;

-- Which thoughts have which vectors, and where they are.
create function groundwork.organizing_state(person uuid, model text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return groundwork.content_hash(
        coalesce(
            model || (
                select
                    string_agg(
                        format('%s:%s:%s:%s', thoughts.id, thoughts.circle_id, thoughts.placed_by, kept.content_hash),
                        ','
                        order by thoughts.id
                    )
                from public.thoughts
                join public.thought_embeddings as kept
                    on kept.user_id = thoughts.user_id
                    and kept.thought_id = thoughts.id
                    and kept.model_used = model
                where thoughts.user_id = person
            ),
            ''
        )
    );
end
$$;

-- How unlike all earlier ones those thoughts are that nobody has looked at yet. Exact, so it takes as many of the
-- newest as can be compared with all the others in a second or two.
create function groundwork.unknown_novelty(person uuid, model text, most integer)
returns table (thought_id bigint, novelty_score double precision)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    most_pairs constant bigint := 2000000;
    known bigint;
begin
    select count(*)
    into known
    from public.thought_embeddings as kept
    where kept.user_id = person and kept.model_used = model;

    return query
    with vectors as materialized (
        select thoughts.id, thoughts.created_at, thoughts.novelty_score, kept.embedding
        from public.thoughts
        join public.thought_embeddings as kept
            on kept.user_id = thoughts.user_id
            and kept.thought_id = thoughts.id
            and kept.model_used = model
        where thoughts.user_id = person and groundwork.content_hash(thoughts.thought_text) = kept.content_hash
    ),
    unknown as (
        select vectors.*
        from vectors
        where vectors.novelty_score is null
        order by vectors.created_at desc, vectors.id desc
        limit least(most, greatest(most_pairs / greatest(known, 1), 1))
    )
    select
        unknown.id,
        (
            -- A distance of 0 is a word for word repetition; opposites are no newer than strangers.
            select
                least(
                    greatest(coalesce(min(earlier.embedding operator(extensions.<=>) unknown.embedding), 1), 0),
                    1
                )
            from vectors as earlier
            where (earlier.created_at, earlier.id) < (unknown.created_at, unknown.id)
        )
    from unknown;
end
$$;

-- Security definer: the queue is private, and a worker reads one person's thoughts by its lease, not by a name that it
-- is given; granted to the service role alone.
create function groundwork.get_thoughts_to_organize(job_id uuid, lease_token uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    most constant integer := 400;
    most_characters constant integer := 1000;
    model text := groundwork.active_embedding_model();
    person uuid;
    unplaced bigint;
    embedded bigint;
    is_unchanged boolean;
begin
    select lease.user_id
    into person
    from groundwork.leases as lease
    join public.agent_jobs as job on job.id = lease.job_id
    where lease.lease_token = get_thoughts_to_organize.lease_token
        and lease.job_id = get_thoughts_to_organize.job_id
        and job.agent_type = 'thought_organizer';
    if person is null then
        perform groundwork.raise_error('GW703', format('Job %s.', job_id));
    end if;

    select
        count(*),
        count(*) filter (where kept.content_hash = groundwork.content_hash(thoughts.thought_text))
    into unplaced, embedded
    from public.thoughts
    left join public.thought_embeddings as kept
        on kept.user_id = thoughts.user_id
        and kept.thought_id = thoughts.id
        and kept.model_used = model
    where thoughts.user_id = person
        and thoughts.circle_id is null
        and thoughts.placed_by is distinct from 'person';

    is_unchanged := exists (
        select
        from groundwork.organizing_fingerprints as state
        where state.user_id = person and state.organized = groundwork.organizing_state(person, model)
    );

    return jsonb_build_object(
        'embedding_model', model,
        'unchanged', is_unchanged,
        'not_embedded', unplaced - embedded,
        'remaining', greatest(embedded - most, 0),
        'thoughts', coalesce(
            (
                select
                    jsonb_agg(
                        jsonb_build_object(
                            'id', thought.id,
                            'text', left(thought.thought_text, most_characters),
                            'has_reflection', thought.reflection is not null,
                            'vector', encode(extensions.halfvec_send(thought.embedding), 'base64')
                        )
                        order by thought.id
                    )
                from (
                    select thoughts.id, thoughts.thought_text, thoughts.reflection, kept.embedding
                    from public.thoughts
                    join public.thought_embeddings as kept
                        on kept.user_id = thoughts.user_id
                        and kept.thought_id = thoughts.id
                        and kept.model_used = model
                    where thoughts.user_id = person
                        and not is_unchanged
                        and thoughts.circle_id is null
                        and thoughts.placed_by is distinct from 'person'
                        and kept.content_hash = groundwork.content_hash(thoughts.thought_text)
                    order by thoughts.created_at desc, thoughts.id desc
                    limit most
                ) as thought
            ),
            '[]'
        ),
        'circles', coalesce(
            (
                select
                    jsonb_agg(
                        jsonb_build_object(
                            'id', circles.id,
                            'name', left(circles.circle_name, 200),
                            'members', coalesce(centre.members, 0),
                            'typical', centre.typical,
                            'spread', centre.spread,
                            'vector', encode(
                                extensions.halfvec_send(centre.centroid::extensions.halfvec(1536)),
                                'base64'
                            )
                        )
                        order by circles.id
                    )
                from public.circles
                left join groundwork.circle_centres(person, model) as centre on centre.circle_id = circles.id
                where circles.user_id = person and not is_unchanged
            ),
            '[]'
        ),
        'novelty', coalesce(
            (
                select jsonb_agg(to_jsonb(unknown) order by unknown.thought_id)
                from groundwork.unknown_novelty(person, model, most) as unknown
            ),
            '[]'
        )
    );
end
$$;

create function public.get_thoughts_to_organize(job_id uuid, lease_token uuid)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.get_thoughts_to_organize(get_thoughts_to_organize.job_id, get_thoughts_to_organize.lease_token);
$$;

-- Places a thought only if it is still as the plan has found it: unplaced, and of the text that its vector is of.
create function groundwork.place_thoughts(person uuid, model text, into_circle_id bigint, thought_ids bigint[])
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    placed integer;
begin
    update public.thoughts
    set circle_id = into_circle_id, placed_by = 'organizer'
    where thoughts.user_id = person
        and thoughts.id = any(thought_ids)
        and thoughts.circle_id is null
        and thoughts.placed_by is distinct from 'person'
        and exists (
            select
            from public.thought_embeddings as kept
            where kept.user_id = person
                and kept.thought_id = thoughts.id
                and kept.model_used = model
                and kept.content_hash = groundwork.content_hash(thoughts.thought_text)
        );
    get diagnostics placed = row_count;
    return placed;
end
$$;

-- Runs in the transaction that completes the job, as the owner of the schema. What no longer fits is left out.
create function groundwork.apply_thought_organizer()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    model text := new.output_data ->> 'embedding_model';
    planned record;
    made_circle_id bigint;
begin
    -- In the order in which a person's own writes lock them: circles, then thoughts.
    perform
    from public.circles
    where circles.user_id = new.user_id
    order by circles.id
    for key share;
    perform
    from public.thoughts
    where thoughts.user_id = new.user_id
        and thoughts.id in (
            select (joined.value ->> 'thought_id')::bigint
            from jsonb_array_elements(new.output_data -> 'joined') as joined
            union all
            select member.value::bigint
            from jsonb_array_elements(new.output_data -> 'circles') as circle
            cross join jsonb_array_elements_text(circle.value -> 'thought_ids') as member
        )
    order by thoughts.id
    for no key update;

    for planned in
        select circles.id as circle_id, array_agg(joined.thought_id) as thought_ids
        from jsonb_to_recordset(new.output_data -> 'joined') as joined (thought_id bigint, circle_id bigint)
        join public.circles on circles.user_id = new.user_id and circles.id = joined.circle_id
        group by circles.id
        order by circles.id
    loop
        perform groundwork.place_thoughts(new.user_id, model, planned.circle_id, planned.thought_ids);
    end loop;

    for planned in
        select circle.*
        from rows from (
            jsonb_to_recordset(new.output_data -> 'circles') as (
                name text,
                description text,
                tags text[],
                thought_ids bigint[],
                reflections jsonb
            )
        ) with ordinality as circle (name, description, tags, thought_ids, reflections, ordinal)
        order by circle.ordinal
    loop
        insert into public.circles (user_id, circle_name, description)
        values (new.user_id, planned.name, planned.description)
        returning id into made_circle_id;
        if groundwork.place_thoughts(new.user_id, model, made_circle_id, planned.thought_ids) = 0 then
            -- All of them were arranged, changed or deleted meanwhile.
            delete from public.circles where circles.id = made_circle_id;
        else
            update public.thoughts
            set
                tags = coalesce(thoughts.tags, planned.tags),
                reflection = coalesce(
                    thoughts.reflection,
                    (
                        select written.reflection
                        from jsonb_to_recordset(planned.reflections) as written (thought_id bigint, reflection text)
                        where written.thought_id = thoughts.id
                        limit 1
                    )
                )
            where thoughts.user_id = new.user_id and thoughts.circle_id = made_circle_id;
        end if;
    end loop;

    update public.thoughts
    set novelty_score = judged.novelty_score
    from jsonb_to_recordset(new.output_data -> 'novelty') as judged (
        thought_id bigint,
        novelty_score double precision
    )
    where thoughts.user_id = new.user_id
        and thoughts.id = judged.thought_id
        and thoughts.novelty_score is null
        and exists (
            select
            from public.thought_embeddings as kept
            where kept.user_id = new.user_id
                and kept.thought_id = thoughts.id
                and kept.model_used = model
                and kept.content_hash = groundwork.content_hash(thoughts.thought_text)
        );

    perform groundwork.store_circle_centres(new.user_id, model);
    -- Not while there are thoughts that this run has not looked at.
    insert into groundwork.organizing_fingerprints as state (user_id, organized)
    values (
        new.user_id,
        case
            when coalesce((new.output_data ->> 'remaining')::bigint, 0) = 0
                then groundwork.organizing_state(new.user_id, model)
        end
    )
    on conflict (user_id) do update
    set organized = excluded.organized;
    return null;
end
$$;

-- What a person cares for, and how much: a link to an intention weighs 1, twice if the intention was completed and half
-- if it was given up, and half of that every 30 days.
create function groundwork.cares(person uuid, at timestamptz)
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
    where care.user_id = person
    group by care.thought_id;
end
$$;

create function groundwork.vibe_of(person uuid, model text, at timestamptz)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    most_vectors constant integer := 200;
    profile jsonb;
begin
    with care as materialized (
        select cares.thought_id, cares.weight, thoughts.circle_id, thoughts.tags
        from groundwork.cares(person, at) as cares
        join public.thoughts on thoughts.user_id = person and thoughts.id = cares.thought_id
    ),
    -- A circle that much was put into counts a little even if nothing of it has become an intention.
    circle as (
        select
            circles.id,
            coalesce(sum(care.weight), 0) + 0.1 * ln(1 + circles.care_frequency) as weight
        from public.circles
        left join care on care.circle_id = circles.id
        where circles.user_id = person
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
            on kept.user_id = person
            and kept.thought_id = care.thought_id
            and kept.model_used = model
        order by care.weight desc, care.thought_id
        limit most_vectors
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

-- Security definer: people may read their profile, and not write it.
create function groundwork.refresh_vibe_profile(at timestamptz)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    person uuid := groundwork.current_user_id();
    model text := groundwork.active_embedding_model();
    former jsonb;
    profile jsonb;
    basis text;
begin
    select users.vibe_profile
    into former
    from public.users
    where users.id = person
    for no key update;
    if not found then
        perform groundwork.raise_error('GW101');
    end if;

    basis := groundwork.content_hash(
        format(
            '%s %s %s %s',
            groundwork.organizing_state(person, model),
            (
                select string_agg(format('%s:%s', care.id, intentions.status), ',' order by care.id)
                from public.intention_cares as care
                join public.intentions on intentions.user_id = care.user_id and intentions.id = care.intention_id
                where care.user_id = person
            ),
            (
                select string_agg(format('%s:%s', circles.id, circles.care_frequency), ',' order by circles.id)
                from public.circles
                where circles.user_id = person
            ),
            (
                select string_agg(format('%s:%s', thoughts.id, thoughts.tags), ',' order by thoughts.id)
                from public.thoughts
                where thoughts.user_id = person and thoughts.tags is not null
            )
        )
    );
    if former is not null
        and (former ->> 'computed_at')::timestamptz > at - interval '1 day'
        and exists (
            select
            from groundwork.organizing_fingerprints as state
            where state.user_id = person and state.profiled = basis
        )
    then
        return former;
    end if;

    perform groundwork.store_circle_centres(person, model);
    profile := jsonb_build_object(
        'version', coalesce((former ->> 'version')::bigint, 0) + 1,
        'computed_at', at
    ) || groundwork.vibe_of(person, model, at);
    update public.users set vibe_profile = profile where users.id = person;
    insert into groundwork.organizing_fingerprints as state (user_id, profiled)
    values (person, basis)
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
    person uuid := groundwork.current_user_id();
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
        where care.user_id = person and intentions.status = 'active'
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
        where thoughts.user_id = person
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
            where thoughts.user_id = person and thoughts.circle_id = circles.id
        ) as content
        where circles.user_id = person and content.is_cared is not true
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

-- Triggers ------------------------------------------------------------------------------------------------------------

create trigger note_who_placed_inserted
before insert on public.thoughts
for each row
when (new.circle_id is not null and new.placed_by is null)
execute function groundwork.note_who_placed();

create trigger note_who_placed_moved
before update on public.thoughts
for each row
when (old.circle_id is distinct from new.circle_id and old.placed_by is not distinct from new.placed_by)
execute function groundwork.note_who_placed();

create trigger forget_novelty
before update of thought_text on public.thoughts
for each row
when (old.thought_text <> new.thought_text)
execute function groundwork.forget_novelty();

-- Of the output, not of the status: the condition is read anew by every statement, and a claim writes no output.
create trigger apply_thought_organizer
after update of output_data on public.agent_jobs
for each row
when (
    new.agent_type = 'thought_organizer'
    and new.status = 'completed'
    and old.status <> 'completed'
    and (new.output_data ->> 'dry_run') = 'false'
)
execute function groundwork.apply_thought_organizer();

-- Row-level security --------------------------------------------------------------------------------------------------

-- No policy: only definer functions read and write it.
alter table groundwork.organizing_fingerprints enable row level security;

-- Grants --------------------------------------------------------------------------------------------------------------
-- Nobody writes placed_by: it follows from who writes circle_id.

revoke all on table groundwork.organizing_fingerprints from public, anon, authenticated, service_role;

revoke all on function groundwork.note_who_placed() from public, anon, authenticated, service_role;
revoke all on function groundwork.forget_novelty() from public, anon, authenticated, service_role;
revoke all on function groundwork.circle_centres(uuid, text) from public, anon, authenticated, service_role;
revoke all on function groundwork.store_circle_centres(uuid, text) from public, anon, authenticated, service_role;
revoke all on function groundwork.organizing_state(uuid, text) from public, anon, authenticated, service_role;
revoke all on function groundwork.unknown_novelty(uuid, text, integer) from public, anon, authenticated, service_role;
revoke all on function groundwork.get_thoughts_to_organize(uuid, uuid) from public, anon, authenticated, service_role;
revoke all on function public.get_thoughts_to_organize(uuid, uuid) from public, anon, authenticated, service_role;
revoke all on function groundwork.place_thoughts(uuid, text, bigint, bigint[])
from public, anon, authenticated, service_role;
revoke all on function groundwork.apply_thought_organizer() from public, anon, authenticated, service_role;
revoke all on function groundwork.cares(uuid, timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.vibe_of(uuid, text, timestamptz) from public, anon, authenticated, service_role;
revoke all on function groundwork.refresh_vibe_profile(timestamptz) from public, anon, authenticated, service_role;
revoke all on function public.refresh_vibe_profile() from public, anon, authenticated, service_role;
revoke all on function groundwork.discover(jsonb, timestamptz) from public, anon, authenticated, service_role;
revoke all on function public.discover(integer) from public, anon, authenticated, service_role;

grant execute on function groundwork.get_thoughts_to_organize(uuid, uuid) to service_role;
grant execute on function public.get_thoughts_to_organize(uuid, uuid) to service_role;
grant execute on function groundwork.refresh_vibe_profile(timestamptz) to authenticated;
grant execute on function public.refresh_vibe_profile() to authenticated;
grant execute on function groundwork.discover(jsonb, timestamptz) to authenticated;
grant execute on function public.discover(integer) to authenticated;

-- Comments ------------------------------------------------------------------------------------------------------------

comment on type public.arranger is 'Who put something where it is: the person, or the organizer on their behalf.';
comment on column public.thoughts.placed_by is
    'Who put the thought into its circle, or took it out; null if nobody did. What a person has placed or taken out '
    'the organizer never touches. Kept by triggers, never written.';

comment on table groundwork.organizing_fingerprints is
    'What each person''s thoughts were like when they were organized, and when their vibe profile was computed, as '
    'hashes.';

comment on function groundwork.note_who_placed() is
    'Trigger: whoever changes the circle of a thought without saying that it is the organizer is the person.';
comment on function groundwork.forget_novelty() is 'Trigger: a changed text is to be compared anew.';
comment on function groundwork.circle_centres(uuid, text) is
    'Of each circle with vectors: their middle at unit length, and the mean and standard deviation of the cosines of '
    'its thoughts, each with the middle of the others.';
comment on function groundwork.store_circle_centres(uuid, text) is 'Brings circle_embeddings of the person up to date.';
comment on function groundwork.organizing_state(uuid, text) is
    'A hash of which thoughts have which vectors and stand in which circles.';
comment on function groundwork.unknown_novelty(uuid, text, integer) is
    'novelty_score of thoughts that have none yet: 1 - the highest cosine similarity to an earlier thought of the '
    'person, by (created_at, id). The first is 1.';
comment on function groundwork.get_thoughts_to_organize(uuid, uuid) is
    'What public.get_thoughts_to_organize() does. Error: GW703.';
comment on function public.get_thoughts_to_organize(uuid, uuid) is
    'Service role only, with the lease of a thought_organizer job: the newest 400 thoughts of its person that nobody '
    'has placed, with their vectors (halfvec_send() in base64), the centres of the circles, and unknown novelty. Both '
    'lists are empty if nothing changed since the last run. Error: GW703.';
comment on function groundwork.place_thoughts(uuid, text, bigint, bigint[]) is
    'Puts those of the thoughts into the circle that are unplaced and unchanged, and answers how many.';
comment on function groundwork.apply_thought_organizer() is
    'Trigger: carries out the plan of a completed thought_organizer job, as far as it still fits.';
comment on function groundwork.cares(uuid, timestamptz) is
    'The thoughts that intentions care for, and how much, halved every 30 days.';
comment on function groundwork.vibe_of(uuid, text, timestamptz) is
    'The vibe profile without its version and time. Its vector is the weighted middle of the 200 heaviest cares.';
comment on function groundwork.refresh_vibe_profile(timestamptz) is 'What public.refresh_vibe_profile() does.';
comment on function public.refresh_vibe_profile() is
    'Brings users.vibe_profile of the caller up to date, and answers it. It is computed anew, with the next version, '
    'when cares, circles, tags or vectors have changed, and once a day, as cares fade.';
comment on function groundwork.discover(jsonb, timestamptz) is 'What public.discover() does, for that profile.';
comment on function public.discover(integer) is
    'Thoughts and circles that the caller may care for next, best first; none that an active intention cares for '
    'already. score = 0.6 affinity + 0.25 recency + 0.15 novelty, each 0 to 1. affinity = 0.7 of the cosine '
    'similarity to the vibe profile, by that of the best, + 0.3 of the profile''s weight of its circle or of its best '
    'tag. recency halves every 30 days. Without cares score = 0.6 recency + 0.4 novelty; an unknown novelty is 0.5. '
    'Error: GW906.';
