-- Care loop: circles, thoughts, intentions and the stories of completed intentions.
-- Needs: helpers, identity.
--
-- A foreign key between rows of users includes user_id, so that no row can refer to a row of another user. Indexes
-- begin with user_id, because row-level security filters every query by it (docs/decisions/0002).

-- circles -------------------------------------------------------------------------------------------------------------

create table public.circles (
    id bigint generated always as identity constraint circles_pkey primary key,
    user_id uuid not null default groundwork.current_user_id()
        constraint circles_user_id_fkey references public.users (id) on delete cascade,
    circle_name text not null,
    description text,
    care_frequency integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint circles_user_id_id_key unique (user_id, id),
    constraint circles_circle_name_check check (circle_name ~ '\S'),
    constraint circles_care_frequency_check check (care_frequency >= 0)
);

comment on table public.circles is 'Circles of care: named groups of a user''s thoughts.';
comment on column public.circles.circle_name is 'The name that the user or a model gave the circle.';
comment on column public.circles.care_frequency is
    'How often the user did something for the circle: placed a thought in it, linked an intention to one of its '
    'thoughts, or completed such an intention. Triggers keep it. It never goes down.';

create trigger set_updated_at
before update on public.circles
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

alter table public.circles enable row level security;

create policy "users can read their own circles"
on public.circles
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "users can make circles of their own"
on public.circles
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()));

create policy "users can update their own circles"
on public.circles
for update
to authenticated
using (user_id = (select groundwork.current_user_id()))
with check (user_id = (select groundwork.current_user_id()));

create policy "users can delete their own circles"
on public.circles
for delete
to authenticated
using (user_id = (select groundwork.current_user_id()));

revoke all on table public.circles from public, anon, authenticated, service_role;
grant select, delete on table public.circles to authenticated;
grant
    insert (user_id, circle_name, description),
    update (circle_name, description)
on table public.circles to authenticated;
grant select, insert, update, delete on table public.circles to service_role;
revoke all on sequence public.circles_id_seq from public, anon, authenticated, service_role;

-- thoughts ------------------------------------------------------------------------------------------------------------

create table public.thoughts (
    id bigint generated always as identity constraint thoughts_pkey primary key,
    user_id uuid not null default groundwork.current_user_id()
        constraint thoughts_user_id_fkey references public.users (id) on delete cascade,
    thought_text text not null,
    tags text[],
    reflection text,
    novelty_score double precision,
    circle_id bigint,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint thoughts_user_id_id_key unique (user_id, id),
    constraint thoughts_user_id_circle_id_fkey
        foreign key (user_id, circle_id) references public.circles (user_id, id) on delete set null (circle_id),
    constraint thoughts_thought_text_check check (thought_text ~ '\S'),
    constraint thoughts_novelty_score_check check (novelty_score between 0 and 1)
);

comment on table public.thoughts is 'Texts of any length that a user captured.';
comment on column public.thoughts.tags is 'The tags of the thought; null until somebody sets them.';
comment on column public.thoughts.reflection is 'What a model or the user wrote about the thought.';
comment on column public.thoughts.novelty_score is
    '0 (the same was said before) to 1 (new); null until it is computed.';
comment on column public.thoughts.circle_id is
    'The circle of the thought; null if it has none. Deleting the circle sets it to null.';

create index idx_thoughts_user_id_created_at on public.thoughts (user_id, created_at desc);
create index idx_thoughts_user_id_circle_id on public.thoughts (user_id, circle_id);

create trigger set_updated_at
before update on public.thoughts
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

alter table public.thoughts enable row level security;

create policy "users can read their own thoughts"
on public.thoughts
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "users can capture thoughts of their own"
on public.thoughts
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()));

create policy "users can update their own thoughts"
on public.thoughts
for update
to authenticated
using (user_id = (select groundwork.current_user_id()))
with check (user_id = (select groundwork.current_user_id()));

create policy "users can delete their own thoughts"
on public.thoughts
for delete
to authenticated
using (user_id = (select groundwork.current_user_id()));

revoke all on table public.thoughts from public, anon, authenticated, service_role;
-- Users may not write novelty_score, which is computed.
grant select, delete on table public.thoughts to authenticated;
grant
    insert (user_id, thought_text, tags, reflection, circle_id),
    update (thought_text, tags, reflection, circle_id)
on table public.thoughts to authenticated;
grant select, insert, update, delete on table public.thoughts to service_role;
revoke all on sequence public.thoughts_id_seq from public, anon, authenticated, service_role;

create type public.thought_relationship_kind as enum ('semantic', 'explicit');

comment on type public.thought_relationship_kind is
    'semantic: the thoughts are near in meaning. explicit: the user related them.';

-- thought_relationships -----------------------------------------------------------------------------------------------

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

comment on table public.thought_relationships is 'Pairs of thoughts that belong together, whatever their circles are.';
comment on column public.thought_relationships.weight is 'How strongly the thoughts are related, 0 to 1.';
comment on column public.thought_relationships.note is 'Why the thoughts are related, in the user''s words.';

create index idx_thought_relationships_user_id_from_thought_id
on public.thought_relationships (user_id, from_thought_id);
create index idx_thought_relationships_user_id_to_thought_id
on public.thought_relationships (user_id, to_thought_id);

alter table public.thought_relationships enable row level security;

create policy "users can read how their own thoughts are related"
on public.thought_relationships
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "users can relate their own thoughts"
on public.thought_relationships
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()));

-- No update: a relationship is made or removed, and never changed.

create policy "users can remove relationships of their own thoughts"
on public.thought_relationships
for delete
to authenticated
using (user_id = (select groundwork.current_user_id()));

revoke all on table public.thought_relationships from public, anon, authenticated, service_role;
-- Users may not write kind: a relationship that a user makes is explicit.
grant select, delete on table public.thought_relationships to authenticated;
grant insert (user_id, from_thought_id, to_thought_id, weight, note)
on table public.thought_relationships
to authenticated;
grant select, insert, update, delete on table public.thought_relationships to service_role;
revoke all on sequence public.thought_relationships_id_seq from public, anon, authenticated, service_role;

create type public.intention_status as enum ('active', 'completed', 'archived');

comment on type public.intention_status is
    'complete_intention() changes active to completed, which is final. The user may change active to archived, and '
    'back.';

-- intentions ----------------------------------------------------------------------------------------------------------

create table public.intentions (
    id bigint generated always as identity constraint intentions_pkey primary key,
    user_id uuid not null default groundwork.current_user_id()
        constraint intentions_user_id_fkey references public.users (id) on delete cascade,
    intention_text text not null,
    status public.intention_status not null default 'active',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint intentions_user_id_id_key unique (user_id, id),
    constraint intentions_intention_text_check check (intention_text ~ '\S')
);

comment on table public.intentions is 'What a user means to do about some thoughts.';

create index idx_intentions_user_id_status on public.intentions (user_id, status);

create trigger set_updated_at
before update on public.intentions
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

alter table public.intentions enable row level security;

create policy "users can read their own intentions"
on public.intentions
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "users can form intentions of their own"
on public.intentions
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()));

create policy "users can update their own intentions"
on public.intentions
for update
to authenticated
using (user_id = (select groundwork.current_user_id()))
with check (user_id = (select groundwork.current_user_id()));

create policy "users can delete their own intentions"
on public.intentions
for delete
to authenticated
using (user_id = (select groundwork.current_user_id()));

revoke all on table public.intentions from public, anon, authenticated, service_role;
grant select, delete on table public.intentions to authenticated;
grant insert (user_id, intention_text), update (intention_text, status) on table public.intentions to authenticated;
grant select, insert, update, delete on table public.intentions to service_role;
revoke all on sequence public.intentions_id_seq from public, anon, authenticated, service_role;

-- intention_cares -----------------------------------------------------------------------------------------------------

create table public.intention_cares (
    id bigint generated always as identity constraint intention_cares_pkey primary key,
    user_id uuid not null default groundwork.current_user_id()
        constraint intention_cares_user_id_fkey references public.users (id) on delete cascade,
    intention_id bigint not null,
    thought_id bigint not null,
    created_at timestamptz not null default now(),
    constraint intention_cares_intention_id_thought_id_key unique (intention_id, thought_id),
    constraint intention_cares_user_id_intention_id_fkey
        foreign key (user_id, intention_id) references public.intentions (user_id, id) on delete cascade,
    constraint intention_cares_user_id_thought_id_fkey
        foreign key (user_id, thought_id) references public.thoughts (user_id, id) on delete cascade
);

comment on table public.intention_cares is 'Links between intentions and the thoughts that they are for.';
comment on column public.intention_cares.user_id is 'The user to whom both the intention and the thought belong.';

create index idx_intention_cares_user_id_intention_id on public.intention_cares (user_id, intention_id);
create index idx_intention_cares_user_id_thought_id on public.intention_cares (user_id, thought_id);

alter table public.intention_cares enable row level security;

create policy "users can read the links of their own intentions"
on public.intention_cares
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "users can link their own intentions to their own thoughts"
on public.intention_cares
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()));

-- No update: a link is made or removed, and never changed.

create policy "users can remove links of their own intentions"
on public.intention_cares
for delete
to authenticated
using (user_id = (select groundwork.current_user_id()));

revoke all on table public.intention_cares from public, anon, authenticated, service_role;
grant select, delete on table public.intention_cares to authenticated;
grant insert (user_id, intention_id, thought_id) on table public.intention_cares to authenticated;
grant select, insert, update, delete on table public.intention_cares to service_role;
revoke all on sequence public.intention_cares_id_seq from public, anon, authenticated, service_role;

-- stories -------------------------------------------------------------------------------------------------------------

create table public.stories (
    id bigint generated always as identity constraint stories_pkey primary key,
    user_id uuid not null default groundwork.current_user_id()
        constraint stories_user_id_fkey references public.users (id) on delete cascade,
    story_text text not null,
    intention_id bigint,
    completed_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    constraint stories_user_id_intention_id_fkey
        foreign key (user_id, intention_id)
        references public.intentions (user_id, id) on delete set null (intention_id),
    constraint stories_story_text_check check (story_text ~ '\S')
);

comment on table public.stories is
    'Texts that tell how intentions were completed. A story is a record, and is not changed afterwards.';
comment on column public.stories.intention_id is
    'The intention that was completed. It is null if the story has no intention, or if the intention was deleted.';
comment on column public.stories.completed_at is 'When the action was done. This may be before the story was written.';

create index idx_stories_user_id_intention_id on public.stories (user_id, intention_id);
create index idx_stories_user_id_completed_at on public.stories (user_id, completed_at desc);

alter table public.stories enable row level security;

create policy "users can read their own stories"
on public.stories
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "users can write stories of their own"
on public.stories
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()));

-- No update: a story is a record.

create policy "users can delete their own stories"
on public.stories
for delete
to authenticated
using (user_id = (select groundwork.current_user_id()));

revoke all on table public.stories from public, anon, authenticated, service_role;
-- Users may not write intention_id: complete_intention() writes the story of an intention.
grant select, delete on table public.stories to authenticated;
grant insert (user_id, story_text, completed_at) on table public.stories to authenticated;
grant select, insert, update, delete on table public.stories to service_role;
revoke all on sequence public.stories_id_seq from public, anon, authenticated, service_role;

-- Counting care -------------------------------------------------------------------------------------------------------

-- Adds to the care_frequency of circles. `counted` is a JSON object: its keys are ids of circles, and its values are
-- the numbers to add.
--
-- It locks the circles first, always in the order of their ids, so that no two sessions wait for each other.
create function groundwork.count_care(counted jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform
    from public.circles
    where id in (select key::bigint from jsonb_each(counted))
    order by id
    for no key update;
    update public.circles
    set care_frequency = care_frequency + care.times::integer
    from jsonb_each_text(counted) as care (circle_id, times)
    where circles.id = care.circle_id::bigint;
end
$$;

-- Trigger: counts thoughts that were placed in a circle.
--
-- Security definer: clients may not write care_frequency.
create function groundwork.count_thoughts_placed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        perform groundwork.count_care(jsonb_object_agg(placed.circle_id, placed.thoughts))
        from (
            select circle_id, count(*) as thoughts
            from new_thoughts
            where circle_id is not null
            group by circle_id
        ) as placed;
    else
        perform groundwork.count_care(jsonb_object_agg(placed.circle_id, placed.thoughts))
        from (
            select moved.circle_id, count(*) as thoughts
            from (
                -- No join: Postgres keeps the plan, and a plan that was made for one row would be a nested loop.
                select id, circle_id from new_thoughts
                except
                select id, circle_id from old_thoughts
            ) as moved
            where moved.circle_id is not null
            group by moved.circle_id
        ) as placed;
    end if;
    return null;
end
$$;

-- The triggers run once for each statement. So placing a thousand thoughts together updates each circle once.
create trigger count_thoughts_inserted
after insert on public.thoughts
referencing new table as new_thoughts
for each statement
execute function groundwork.count_thoughts_placed();

create trigger count_thoughts_moved
after update on public.thoughts
referencing old table as old_thoughts new table as new_thoughts
for each statement
execute function groundwork.count_thoughts_placed();

-- Trigger: counts intentions that were linked to thoughts of a circle.
--
-- Security definer: clients may not write care_frequency.
create function groundwork.count_thoughts_linked()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform groundwork.count_care(jsonb_object_agg(linked.circle_id, linked.thoughts))
    from (
        select thoughts.circle_id, count(*) as thoughts
        from new_cares
        join public.thoughts on thoughts.user_id = new_cares.user_id and thoughts.id = new_cares.thought_id
        where thoughts.circle_id is not null
        group by thoughts.circle_id
    ) as linked;
    return null;
end
$$;

create trigger count_thoughts_linked
after insert on public.intention_cares
referencing new table as new_cares
for each statement
execute function groundwork.count_thoughts_linked();

-- Trigger: counts completed intentions. An intention counts once for each circle that has one of its thoughts.
--
-- Security definer: clients may not write care_frequency.
create function groundwork.count_intentions_completed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform groundwork.count_care(jsonb_object_agg(completed.circle_id, completed.intentions))
    from (
        select thoughts.circle_id, count(distinct intention.id) as intentions
        from (
            select user_id, id from new_intentions where status = 'completed'
            except
            select user_id, id from old_intentions where status = 'completed'
        ) as intention
        join public.intention_cares
            on intention_cares.user_id = intention.user_id
            and intention_cares.intention_id = intention.id
        join public.thoughts
            on thoughts.user_id = intention_cares.user_id
            and thoughts.id = intention_cares.thought_id
        where thoughts.circle_id is not null
        group by thoughts.circle_id
    ) as completed;
    return null;
end
$$;

create trigger count_intentions_completed
after update on public.intentions
referencing old table as old_intentions new table as new_intentions
for each statement
execute function groundwork.count_intentions_completed();

-- Completing intentions -----------------------------------------------------------------------------------------------

-- Trigger: refuses changes of intentions.status that are not allowed. Errors: GW202, GW205.
create function groundwork.guard_intention_status()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if old.status = 'completed' then
        perform groundwork.raise_error('GW202');
    end if;
    -- This check is for the roles of the API, because complete_intention() runs as the owner of the schema.
    if new.status = 'completed' and current_user in ('anon', 'authenticated', 'service_role') then
        perform groundwork.raise_error('GW205');
    end if;
    return new;
end
$$;

create trigger guard_intention_status
before update on public.intentions
for each row
when (old.status is distinct from new.status)
execute function groundwork.guard_intention_status();

-- Security definer: it writes the status and the story together, and clients may not write either of them separately.
create function groundwork.complete_intention(intention_id bigint, story_text text)
returns public.stories
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    caller_id uuid := groundwork.current_user_id();
    status_before public.intention_status;
    story public.stories;
begin
    if story_text is null or story_text !~ '\S' then
        perform groundwork.raise_error('GW204');
    end if;

    select intentions.status
    into status_before
    from public.intentions
    where intentions.id = complete_intention.intention_id and intentions.user_id = caller_id
    for update;

    if not found then
        perform groundwork.raise_error('GW201');
    elsif status_before = 'completed' then
        perform groundwork.raise_error('GW202');
    elsif status_before = 'archived' then
        perform groundwork.raise_error('GW203');
    end if;

    update public.intentions
    set status = 'completed'
    where intentions.id = complete_intention.intention_id;

    insert into public.stories (user_id, story_text, intention_id)
    values (caller_id, complete_intention.story_text, complete_intention.intention_id)
    returning * into story;
    return story;
end
$$;

create function public.complete_intention(intention_id bigint, story_text text)
returns public.stories
language sql
set search_path = pg_catalog, pg_temp
as $$
    select groundwork.complete_intention(intention_id, story_text);
$$;

comment on function public.complete_intention(bigint, text) is
    'Completes an active intention of the caller and writes its story, in one transaction. Returns the story. Errors: '
    'GW201 no such intention, GW202 completed already, GW203 archived, GW204 no text.';

-- Errors --------------------------------------------------------------------------------------------------------------

insert into groundwork.error_codes (code, status, message, hint)
values
    ('GW201', 404, 'There is no such intention.', 'Read your own intentions and use the id of one of them.'),
    ('GW202', 409, 'This intention is completed already.', 'A completed intention stays completed. Form a new one.'),
    ('GW203', 409, 'This intention is archived.', 'Set its status back to active, then complete it.'),
    ('GW204', 400, 'A story needs a text.', 'Pass story_text with at least one character that is not a space.'),
    (
        'GW205', 409, 'An intention is not completed by writing its status.',
        'Call complete_intention(intention_id, story_text), which also writes the story.'
    );

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.count_care, groundwork.count_thoughts_placed, groundwork.count_thoughts_linked,
    groundwork.count_intentions_completed, groundwork.guard_intention_status, groundwork.complete_intention,
    public.complete_intention(bigint, text)
from public, anon, authenticated, service_role;

grant execute on function
    groundwork.complete_intention,
    public.complete_intention(bigint, text)
to authenticated;
