-- Development data: two users who can sign in (password: groundwork), with rows in every domain.
-- It is safe to run twice, because it adds only what is missing. Never run it in production.

-- These are accounts as Supabase Auth keeps them. It can't read an account whose token columns are null, and a user
-- signs in with an identity.

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

-- Tasks, personas and memories.

insert into public.tasks (user_id, title, description, completed)
select person.id, task.title, task.description, task.completed
from
    (values ('ada00000-0000-4000-8000-000000000001'::uuid), ('9face000-0000-4000-8000-000000000002')) as person (id)
    cross join (
        values
            ('Buy seeds', 'Tomatoes and basil', true),
            ('Water the plants', null, false),
            ('Write to the library', 'The book on looms is overdue.', false)
    ) as task (title, description, completed)
where not exists (select from public.tasks where tasks.user_id = person.id);

insert into public.personas (id, user_id, title, raw_text, persona, source, model_used, prompt_version)
values
    (
        'ada00000-0000-4000-8000-00000000000a',
        'ada00000-0000-4000-8000-000000000001',
        'Charles',
        'Charles builds engines of brass and never finishes them. He is generous, and short with organ grinders.',
        '{"name": "Charles", "traits": ["inventive", "generous", "impatient"]}',
        'a letter',
        null,
        null
    ),
    (
        '9face000-0000-4000-8000-00000000000a',
        '9face000-0000-4000-8000-000000000002',
        'Howard',
        'Howard runs the laboratory like a ship.',
        '{"name": "Howard", "traits": ["strict"]}',
        'a note',
        null,
        null
    )
on conflict (id) do nothing;

insert into public.personal_memories (id, user_id, content, source)
values
    (
        'ada00000-0000-4000-8000-00000000000b',
        'ada00000-0000-4000-8000-000000000001',
        'Prefers to be called in the evening.',
        'the person'
    ),
    (
        '9face000-0000-4000-8000-00000000000b',
        '9face000-0000-4000-8000-000000000002',
        'Keeps a clock that runs backwards.',
        'a conversation'
    )
on conflict (id) do nothing;

-- Marketing: three campaigns, the jobs that agents did for them, the content that the agents wrote, and the costs.

insert into public.campaigns (
    id,
    user_id,
    name,
    description,
    status,
    budget,
    start_date,
    end_date,
    impressions,
    clicks,
    conversions,
    roi
)
values
    (
        'ca000000-0000-4000-8000-000000000000',
        'ada00000-0000-4000-8000-000000000001',
        'Q4 Product Launch',
        'Launch campaign for new AI product',
        'active',
        10000,
        now() - interval '30 days',
        now() + interval '60 days',
        125000,
        3200,
        145,
        2.3
    ),
    (
        'ca000000-0000-4000-8000-000000000001',
        'ada00000-0000-4000-8000-000000000001',
        'Holiday Email Series',
        'Holiday-themed email marketing campaign',
        'active',
        5000,
        now() - interval '15 days',
        now() + interval '45 days',
        45000,
        1800,
        67,
        1.8
    ),
    (
        'ca000000-0000-4000-8000-000000000002',
        'ada00000-0000-4000-8000-000000000001',
        'Content Marketing 2025',
        'Year-long content marketing strategy',
        'draft',
        25000,
        now() + interval '30 days',
        null,
        0,
        0,
        0,
        0
    )
on conflict (id) do nothing;

insert into public.agent_jobs (
    id,
    user_id,
    agent_type,
    status,
    input_data,
    output_data,
    campaign_id,
    started_at,
    completed_at
)
values
    (
        'a0b00000-0000-4000-8000-000000000000',
        'ada00000-0000-4000-8000-000000000001',
        'seo_writer',
        'completed',
        '{"topic": "AI in Marketing", "keywords": ["AI", "marketing"], "length": 1200}',
        '{"title": "10 Ways AI is Transforming Marketing in 2025", "word_count": 1200}',
        'ca000000-0000-4000-8000-000000000000',
        now() - interval '2 hours',
        now() - interval '1 hour 55 minutes'
    ),
    (
        'a0b00000-0000-4000-8000-000000000001',
        'ada00000-0000-4000-8000-000000000001',
        'email_marketer',
        'completed',
        '{"type": "single", "goal": "Holiday sale announcement"}',
        '{"subject": "🎄 Holiday Sale - Up to 50% Off!"}',
        'ca000000-0000-4000-8000-000000000001',
        now() - interval '1 hour',
        now() - interval '55 minutes'
    ),
    (
        'a0b00000-0000-4000-8000-000000000002',
        'ada00000-0000-4000-8000-000000000001',
        'seo_writer',
        'running',
        '{"topic": "Content Strategy for 2025", "keywords": ["content", "strategy"]}',
        null,
        null,
        now() - interval '5 minutes',
        null
    )
on conflict (id) do nothing;

insert into public.content_assets (
    id,
    user_id,
    title,
    content,
    content_type,
    status,
    metadata,
    campaign_id,
    agent_job_id
)
values
    (
        'c0a00000-0000-4000-8000-000000000000',
        'ada00000-0000-4000-8000-000000000001',
        '10 Ways AI is Transforming Marketing in 2025',
        '<p>AI is revolutionizing marketing...</p>',
        'blog',
        'published',
        jsonb_build_object(
            'meta_description',
            'Discover how AI is changing marketing',
            'keywords',
            array['AI', 'marketing', 'automation'],
            'word_count',
            1200
        ),
        'ca000000-0000-4000-8000-000000000000',
        'a0b00000-0000-4000-8000-000000000000'
    ),
    (
        'c0a00000-0000-4000-8000-000000000001',
        'ada00000-0000-4000-8000-000000000001',
        'Holiday Sale Announcement',
        'Dear valued customer, our holiday sale...',
        'email',
        'approved',
        jsonb_build_object(
            'subject',
            '🎄 Holiday Sale - Up to 50% Off!',
            'preview_text',
            'Don''t miss our biggest sale of the year'
        ),
        'ca000000-0000-4000-8000-000000000001',
        'a0b00000-0000-4000-8000-000000000001'
    ),
    (
        'c0a00000-0000-4000-8000-000000000002',
        'ada00000-0000-4000-8000-000000000001',
        'Product Launch Teaser',
        'Something amazing is coming...',
        'social',
        'draft',
        '{"platform": "twitter", "character_count": 240}',
        'ca000000-0000-4000-8000-000000000000',
        null
    )
on conflict (id) do nothing;

-- The ledger. Its sums are the spend of the campaigns and the cost of the jobs.

insert into public.budget_entries (
    id,
    user_id,
    resource_type,
    cost,
    tokens_used,
    model_used,
    description,
    agent_job_id,
    campaign_id
)
select
    entry.id::uuid,
    'ada00000-0000-4000-8000-000000000001',
    entry.resource_type::public.resource_type,
    entry.cost,
    entry.tokens_used,
    entry.model_used,
    entry.description,
    entry.agent_job_id::uuid,
    entry.campaign_id::uuid
from (
    values
        (
            'b0d00000-0000-4000-8000-000000000000',
            'openai_api',
            0.025,
            2500,
            'gpt-4o-mini',
            'Blog post',
            'a0b00000-0000-4000-8000-000000000000',
            'ca000000-0000-4000-8000-000000000000'
        ),
        (
            'b0d00000-0000-4000-8000-000000000001',
            'openai_api',
            0.012,
            1200,
            'gpt-4o-mini',
            'Holiday e-mail',
            'a0b00000-0000-4000-8000-000000000001',
            'ca000000-0000-4000-8000-000000000001'
        ),
        (
            'b0d00000-0000-4000-8000-000000000002',
            'openai_api',
            0.005,
            500,
            'gpt-4o-mini',
            'Content strategy, so far',
            'a0b00000-0000-4000-8000-000000000002',
            null
        ),
        (
            'b0d00000-0000-4000-8000-000000000003',
            'ad_spend',
            2499.975,
            0,
            null,
            'Ads of the launch',
            null,
            'ca000000-0000-4000-8000-000000000000'
        ),
        (
            'b0d00000-0000-4000-8000-000000000004',
            'ad_spend',
            1199.988,
            0,
            null,
            'Mailing',
            null,
            'ca000000-0000-4000-8000-000000000001'
        )
) as entry (id, resource_type, cost, tokens_used, model_used, description, agent_job_id, campaign_id)
on conflict (id) do nothing;
