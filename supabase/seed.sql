-- Development data: two people who can sign in (password: groundwork), and what they care for.
-- Safe to run twice: it adds only what is missing. Never run it in production.

-- Accounts as Supabase Auth keeps them: it can't read one whose token columns are null, and it signs in by identity.

insert into auth.users (
    instance_id,
    id,
    aud,
    role,
    email,
    encrypted_password,
    email_confirmed_at,
    confirmation_token,
    recovery_token,
    email_change,
    email_change_token_new,
    email_change_token_current,
    phone_change,
    phone_change_token,
    reauthentication_token,
    raw_app_meta_data,
    raw_user_meta_data,
    created_at,
    updated_at
)
select
    '00000000-0000-0000-0000-000000000000',
    person.id,
    'authenticated',
    'authenticated',
    person.email,
    '$2a$10$7nUj9iLmgWG6p.LLwCOwruhdVlPYTFRproNV9mu1MsKIC37FHd/RW',
    now(),
    '',
    '',
    '',
    '',
    '',
    '',
    '',
    '',
    '{"provider": "email", "providers": ["email"]}',
    jsonb_build_object('name', person.name, 'timezone', person.timezone),
    now(),
    now()
from (
    values
        ('ada00000-0000-4000-8000-000000000001'::uuid, 'ada@example.com', 'Ada', 'Europe/London'),
        ('9face000-0000-4000-8000-000000000002'::uuid, 'grace@example.com', 'Grace', 'America/New_York')
) as person (id, email, name, timezone)
on conflict do nothing;

insert into auth.identities (id, user_id, provider, provider_id, identity_data, last_sign_in_at, created_at, updated_at)
select
    users.id,
    users.id,
    'email',
    users.id::text,
    jsonb_build_object('sub', users.id, 'email', users.email, 'email_verified', true, 'phone_verified', false),
    now(),
    now(),
    now()
from auth.users
where users.email in ('ada@example.com', 'grace@example.com')
on conflict do nothing;

insert into public.user_preferences (user_id, custom_hours, theme, communication_preferences, onboarding_completed)
values
    (
        'ada00000-0000-4000-8000-000000000001',
        '{"start": "09:00", "end": "17:00", "timezone": "Europe/London"}',
        'modern',
        '{"email": true, "sms": false, "in_app": true}',
        true
    ),
    ('9face000-0000-4000-8000-000000000002', null, 'medieval', '{"email": false, "sms": false, "in_app": true}', false)
on conflict (user_id) do nothing;

-- The care loop, with an intention in each status.

do $$
declare
    ada constant uuid := 'ada00000-0000-4000-8000-000000000001';
    grace constant uuid := '9face000-0000-4000-8000-000000000002';
    family bigint;
    garden bigint;
    call_mother bigint;
    intention bigint;
begin
    if exists (select from public.thoughts where user_id in (ada, grace)) then
        return;
    end if;

    insert into public.circles (user_id, circle_name, description)
    values (ada, 'Family', 'The people who raised me')
    returning id into family;
    insert into public.circles (user_id, circle_name, description)
    values (ada, 'Garden', null)
    returning id into garden;

    insert into public.thoughts (user_id, thought_text, tags, circle_id)
    values (ada, 'Mother sounded tired on the phone. I should call more often.', array['family', 'calls'], family)
    returning id into call_mother;
    insert into public.thoughts (user_id, thought_text, tags, circle_id)
    values
        (ada, 'Father would love a walk along the canal.', array['family'], family),
        (ada, 'The tomatoes need more sun than the balcony has.', array['garden'], garden),
        (ada, 'An analytical engine could weave algebra as a loom weaves flowers.', null, null),
        (grace, 'Someone should write a compiler that reads plain English.', array['work'], null);

    insert into public.intentions (user_id, intention_text)
    values (ada, 'Call mother every Sunday')
    returning id into intention;
    insert into public.intention_cares (user_id, intention_id, thought_id)
    values (ada, intention, call_mother);
    update public.intentions set status = 'completed' where id = intention;
    insert into public.stories (user_id, story_text, intention_id)
    values (ada, 'We talked for an hour. She laughed about the tomatoes.', intention);

    insert into public.intentions (user_id, intention_text)
    values (ada, 'Walk along the canal with father')
    returning id into intention;
    insert into public.intention_cares (user_id, intention_id, thought_id)
    select ada, intention, thoughts.id
    from public.thoughts
    where thoughts.user_id = ada and thoughts.circle_id = family and thoughts.id <> call_mother;

    insert into public.intentions (user_id, intention_text, status)
    values
        (ada, 'Build a greenhouse', 'archived'),
        (grace, 'Find the moth in the relay', 'active');

    insert into public.stories (user_id, story_text)
    values (grace, 'Taped the moth into the log book.');
end
$$;
