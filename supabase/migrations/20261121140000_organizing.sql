-- Organizing: an agent places thoughts in circles.
-- Needs: helpers, identity, care_loop, jobs_tables, jobs_exchange, jobs_api, embeddings_tables.
-- Adds to: agent_types, thoughts, agent_jobs.

insert into groundwork.agent_types (name, purpose, required_inputs, inputs, default_max_cost)
values ('thought_organizer', 'Places thoughts in circles.', '{}', '{"dry_run": "boolean"}', 0.25)
on conflict (name) do nothing;

-- thoughts ------------------------------------------------------------------------------------------------------------

create type public.arranger as enum ('user', 'organizer');

comment on type public.arranger is 'Who placed a thought: the user, or the organizer (an agent) for the user.';

-- No client writes it. It follows from who writes circle_id.
alter table public.thoughts add column placed_by public.arranger;

comment on column public.thoughts.placed_by is
    'Who put the thought into its circle, or took it out of one; null if nobody did. The organizer never moves a '
    'thought that a user has placed or taken out. Triggers keep it, and clients never write it.';

-- Trigger: sets placed_by to user if the circle of a thought changes and the organizer did not change it.
create function groundwork.set_placed_by()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- The organizer sets placed_by itself when it places a thought. Deleting a circle takes its thoughts out of it,
    -- which counts as a change by the user.
    if new.circle_id is not null or tg_op = 'UPDATE' then
        new.placed_by := 'user';
    end if;
    return new;
end
$$;

create trigger set_placed_by_inserted
before insert on public.thoughts
for each row
when (new.circle_id is not null and new.placed_by is null)
execute function groundwork.set_placed_by();

create trigger set_placed_by_moved
before update on public.thoughts
for each row
when (old.circle_id is distinct from new.circle_id and old.placed_by is not distinct from new.placed_by)
execute function groundwork.set_placed_by();

-- Trigger: deletes the novelty score of a thought whose text has changed, so that it is computed again.
create function groundwork.reset_novelty_score()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.novelty_score := null;
    return new;
end
$$;

create trigger reset_novelty_score
before update of thought_text on public.thoughts
for each row
when (old.thought_text <> new.thought_text)
execute function groundwork.reset_novelty_score();

-- groundwork.organizing_fingerprints ----------------------------------------------------------------------------------

-- It has what the last run has read, so that another run over the same data changes nothing.
create table groundwork.organizing_fingerprints (
    user_id uuid constraint organizing_fingerprints_pkey primary key
        constraint organizing_fingerprints_user_id_fkey references public.users (id) on delete cascade,
    organized text,
    profiled text
);

comment on table groundwork.organizing_fingerprints is
    'Fingerprints of each user''s thoughts: from when they were last organized, and from when the vibe profile was '
    'last computed.';

-- No policy: only definer functions read and write it.
alter table groundwork.organizing_fingerprints enable row level security;


revoke all on table groundwork.organizing_fingerprints from public, anon, authenticated, service_role;

-- What the organizer is given -----------------------------------------------------------------------------------------

-- Returns the centre of each circle whose thoughts have embeddings, and how similar its thoughts are. The centre is the
-- mean of the embeddings, at length 1. Each thought is compared with the mean of the other thoughts of its circle.
-- typical is the mean of these cosine similarities, and spread is their standard deviation.
--
-- The similarity of a thought x is (x·s - 1) / |s - x|, with s as the sum of all embeddings of the circle. This holds
-- because all embeddings have length 1.
create function groundwork.circle_centres(for_user_id uuid, model text)
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
        where thoughts.user_id = for_user_id and thoughts.circle_id is not null
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
    -- Vectors that cancel each other out have no centre.
    where extensions.vector_norm(middle.mean) > 0.0001;
end
$$;

-- Brings circle_embeddings of the user up to date.
create function groundwork.store_circle_centres(for_user_id uuid, model text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into public.circle_embeddings as kept (user_id, circle_id, model_used, content_hash, embedding)
    select for_user_id, centre.circle_id, model, centre.content_hash, centre.centroid::extensions.halfvec(1536)
    from groundwork.circle_centres(for_user_id, model) as centre
    -- All sessions write the rows in this order, so that no two of them wait for each other.
    order by centre.circle_id
    on conflict (user_id, circle_id, model_used) do update
    set content_hash = excluded.content_hash, embedding = excluded.embedding
    where kept.content_hash <> excluded.content_hash;
    delete from public.circle_embeddings as kept
    where kept.user_id = for_user_id
        and kept.model_used = model
        and not exists (
            select
            from public.thoughts
            join public.thought_embeddings as vectors
                on vectors.user_id = thoughts.user_id
                and vectors.thought_id = thoughts.id
                and vectors.model_used = model
            where thoughts.user_id = for_user_id and thoughts.circle_id = kept.circle_id
        );
end
$$;

-- Returns a hash of which thoughts have which embeddings, which circles they are in, and who placed them.
create function groundwork.organizing_state(for_user_id uuid, model text)
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
                where thoughts.user_id = for_user_id
            ),
            ''
        )
    );
end
$$;

-- Returns the novelty score of thoughts that have none yet: 1 minus the highest cosine similarity to an earlier thought
-- of the user. Thoughts are in the order of (created_at, id). The score of the first thought is 1.
--
-- The scores are exact. So the function takes only as many of the newest thoughts as it can compare with all the others
-- in a second or two.
create function groundwork.unknown_novelty(for_user_id uuid, model text, max_thoughts integer)
returns table (thought_id bigint, novelty_score double precision)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    max_pairs constant bigint := 2000000;
    known bigint;
begin
    select count(*)
    into known
    from public.thought_embeddings as kept
    where kept.user_id = for_user_id and kept.model_used = model;

    return query
    with vectors as materialized (
        select thoughts.id, thoughts.created_at, thoughts.novelty_score, kept.embedding
        from public.thoughts
        join public.thought_embeddings as kept
            on kept.user_id = thoughts.user_id
            and kept.thought_id = thoughts.id
            and kept.model_used = model
        where thoughts.user_id = for_user_id and groundwork.content_hash(thoughts.thought_text) = kept.content_hash
    ),
    unknown as (
        select vectors.*
        from vectors
        where vectors.novelty_score is null
        order by vectors.created_at desc, vectors.id desc
        limit least(max_thoughts, greatest(max_pairs / greatest(known, 1), 1))
    )
    select
        unknown.id,
        (
            -- A distance of 0 means the same text. A distance of more than 1 counts as 1, because an opposite thought
            -- is not newer than an unrelated one.
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

-- Security definer: the service role may not read leases. A worker gets the thoughts of the user of its lease, and
-- can't name another user.
create function groundwork.get_thoughts_to_organize(job_id uuid, lease_token uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    max_thoughts constant integer := 400;
    max_characters constant integer := 1000;
    model text := groundwork.active_embedding_model();
    for_user_id uuid;
    unplaced bigint;
    embedded bigint;
    is_unchanged boolean;
begin
    select lease.user_id
    into for_user_id
    from groundwork.leases as lease
    join public.agent_jobs as job on job.id = lease.job_id
    where lease.lease_token = get_thoughts_to_organize.lease_token
        and lease.job_id = get_thoughts_to_organize.job_id
        and job.agent_type = 'thought_organizer';
    if for_user_id is null then
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
    where thoughts.user_id = for_user_id
        and thoughts.circle_id is null
        and thoughts.placed_by is distinct from 'user';

    is_unchanged := exists (
        select
        from groundwork.organizing_fingerprints as state
        where state.user_id = for_user_id and state.organized = groundwork.organizing_state(for_user_id, model)
    );

    return jsonb_build_object(
        'embedding_model', model,
        'unchanged', is_unchanged,
        'not_embedded', unplaced - embedded,
        'remaining', greatest(embedded - max_thoughts, 0),
        'thoughts', coalesce(
            (
                select
                    jsonb_agg(
                        jsonb_build_object(
                            'id', thought.id,
                            'text', left(thought.thought_text, max_characters),
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
                    where thoughts.user_id = for_user_id
                        and not is_unchanged
                        and thoughts.circle_id is null
                        and thoughts.placed_by is distinct from 'user'
                        and kept.content_hash = groundwork.content_hash(thoughts.thought_text)
                    order by thoughts.created_at desc, thoughts.id desc
                    limit max_thoughts
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
                left join groundwork.circle_centres(for_user_id, model) as centre on centre.circle_id = circles.id
                where circles.user_id = for_user_id and not is_unchanged
            ),
            '[]'
        ),
        'novelty', coalesce(
            (
                select jsonb_agg(to_jsonb(unknown) order by unknown.thought_id)
                from groundwork.unknown_novelty(for_user_id, model, max_thoughts) as unknown
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

comment on function public.get_thoughts_to_organize(uuid, uuid) is
    'Service role only, with the lease of a thought_organizer job. Returns the newest 400 thoughts of its user that '
    'nobody has placed, with their embeddings (halfvec_send() in base64). Also returns the centres of the circles, '
    'and the novelty scores that are not stored yet. The lists of thoughts and of circles are empty if nothing has '
    'changed since the last run. Error: GW703.';

-- What it has decided -------------------------------------------------------------------------------------------------

-- Places thoughts in the circle, and returns how many it placed.
--
-- It places a thought only if it is still as the organizer found it: not placed, and with the text that its embedding
-- was made from.
create function groundwork.place_thoughts(for_user_id uuid, model text, into_circle_id bigint, thought_ids bigint[])
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    placed integer;
begin
    update public.thoughts
    set circle_id = into_circle_id, placed_by = 'organizer'
    where thoughts.user_id = for_user_id
        and thoughts.id = any(thought_ids)
        and thoughts.circle_id is null
        and thoughts.placed_by is distinct from 'user'
        and exists (
            select
            from public.thought_embeddings as kept
            where kept.user_id = for_user_id
                and kept.thought_id = thoughts.id
                and kept.model_used = model
                and kept.content_hash = groundwork.content_hash(thoughts.thought_text)
        );
    get diagnostics placed = row_count;
    return placed;
end
$$;

-- Trigger: carries out the plan of a completed thought_organizer job. It leaves out the parts that no longer fit.
--
-- It runs in the transaction that completes the job, as the owner of the schema.
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
    -- The rows are locked in the same order as when a user writes them: circles, then thoughts.
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
                name text, description text, tags text[], thought_ids bigint[], reflections jsonb
            )
        ) with ordinality as circle (name, description, tags, thought_ids, reflections, ordinal)
        order by circle.ordinal
    loop
        insert into public.circles (user_id, circle_name, description)
        values (new.user_id, planned.name, planned.description)
        returning id into made_circle_id;
        if groundwork.place_thoughts(new.user_id, model, made_circle_id, planned.thought_ids) = 0 then
            -- All thoughts of this circle were placed, changed or deleted in the meantime.
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
        thought_id bigint, novelty_score double precision
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
    -- The fingerprint stays null while there are thoughts that this run has not read.
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

-- The trigger is on output_data and not on status. Postgres reads the condition again for every statement that writes
-- the column, and a claim does not write output_data.
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

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.set_placed_by, groundwork.reset_novelty_score, groundwork.circle_centres,
    groundwork.store_circle_centres, groundwork.organizing_state, groundwork.unknown_novelty,
    groundwork.get_thoughts_to_organize, groundwork.place_thoughts, groundwork.apply_thought_organizer,
    public.get_thoughts_to_organize(uuid, uuid)
from public, anon, authenticated, service_role;

grant execute on function
    groundwork.get_thoughts_to_organize,
    public.get_thoughts_to_organize(uuid, uuid)
to service_role;
