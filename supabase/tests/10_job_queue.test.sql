begin;
\ir helpers.psql
select plan(40);

select tests.create_supabase_user(name) from unnest(array['owner', 'stranger', 'newcomer']) as name;
insert into public.campaigns (id, user_id, name, budget, start_date)
values
    (md5('launch')::uuid, tests.get_supabase_uid('owner'), 'Launch', 1, '2020-01-01'),
    (md5('rival')::uuid, tests.get_supabase_uid('stranger'), 'Rival', 1, '2020-01-01');

-- The leases that one actor stores for another.
create table tests.leases (name text, job_id uuid, lease_token uuid);
grant select, insert on tests.leases to authenticated, service_role;

-- Visitor ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_visitor();
select throws_ok(
    $$select public.enqueue_agent_job('analyst', '{}')$$,
    '42501',
    'permission denied for function enqueue_agent_job'
);
select throws_ok(
    $$select public.claim_agent_jobs('spy')$$,
    '42501',
    'permission denied for function claim_agent_jobs'
);

-- Owner --------------------------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
insert into tests.leases (name, job_id)
select 'blog', job.id
from public.enqueue_agent_job(
    'seo_writer',
    '{"topic": "Sun"}',
    md5('launch')::uuid,
    idempotency_key => 'blog',
    max_cost => 0.6
) as job;
select results_eq(
    'select agent_type::text, status::text, max_cost, max_retries::integer from public.agent_jobs',
    $$values ('seo_writer', 'pending', 0.6, 3)$$,
    'owners queue jobs'
);
select is(
    (
        select job.id
        from public.enqueue_agent_job('seo_writer', '{"topic": "Sun"}', md5('launch')::uuid, 'blog') as job
    ),
    (select job_id from tests.leases where name = 'blog'),
    'the same key returns the same job'
);
select throws_like(
    $$select public.enqueue_agent_job('seo_writer', '{"topic": "Moon"}', md5('launch')::uuid, 'blog')$$,
    '%"code": "GW707"%',
    'the same key with another request is refused'
);
select throws_like(
    $$select public.enqueue_agent_job('seo_writer', '{"goal": "Sun"}')$$,
    '%"code": "GW705"%',
    'a job without a required input is refused'
);
select throws_ok(
    $$select public.enqueue_agent_job('seo_writer', '{"topic": "X"}', md5('rival')::uuid)$$,
    '23503',
    null,
    'a campaign of another user does not pay'
);
select throws_ok(
    $$select public.claim_agent_jobs('me')$$,
    '42501',
    'permission denied for function claim_agent_jobs',
    'owners do not run their own jobs'
);
select throws_ok(
    $$select public.complete_agent_job(md5('x')::uuid, md5('x')::uuid, '{}')$$,
    '42501',
    'permission denied for function complete_agent_job'
);
select throws_ok(
    $$select groundwork.exchange_agent_jobs('me', '[]', 1, 60, null, now())$$,
    '42501',
    'permission denied for function exchange_agent_jobs',
    'owners do not settle their own jobs by exchange_agent_jobs()'
);
select throws_ok('select from groundwork.job_queue', '42501', 'permission denied for table job_queue');
select throws_ok('select from groundwork.leases', '42501', 'permission denied for table leases');
select throws_like(
    $$select public.retry_agent_job(job_id) from tests.leases where name = 'blog'$$,
    '%"code": "GW702"%',
    'a job that has not failed is not retried'
);

-- Stranger -----------------------------------------------------------------------------------------------------------

select tests.authenticate_as('stranger');
select is_empty('select from public.agent_jobs', 'strangers see no job of the owner');
select throws_like(
    $$select public.cancel_agent_job(job_id) from tests.leases where name = 'blog'$$,
    '%"code": "GW704"%',
    'strangers cancel no job of the owner'
);
select throws_like(
    $$select public.retry_agent_job(job_id) from tests.leases where name = 'blog'$$,
    '%"code": "GW704"%',
    'strangers retry no job of the owner'
);

-- Service ------------------------------------------------------------------------------------------------------------

select tests.authenticate_as_service_role();
select throws_like(
    $$select public.claim_agent_jobs('worker', batch_size => 1001)$$,
    '%"code": "GW708"%',
    'batch_size has an upper limit'
);
select throws_like(
    $$select public.claim_agent_jobs('worker', lease_seconds => 0)$$,
    '%"code": "GW708"%',
    'lease_seconds has a lower limit'
);
select is_empty(
    $$select public.claim_agent_jobs('worker', agent_types => '{analyst}')$$,
    'workers claim jobs of the agent types that they name'
);
insert into tests.leases
select 'claim', claimed.id, claimed.lease_token
from public.claim_agent_jobs('worker') as claimed;
select results_eq(
    $$select job.status::text, job.started_at = now(), figures.reserved
    from tests.leases
    join public.agent_jobs as job on job.id = leases.job_id
    cross join public.get_campaign_figures(job.user_id, array[job.campaign_id]) as figures
    where leases.name = 'claim'$$,
    $$values ('running', true, 0.6)$$,
    'a claimed job runs, and its money is reserved'
);
select is(current_setting('synchronous_commit'), 'off', 'a claim does not wait for the disk');
select is_empty($$select public.claim_agent_jobs('worker')$$, 'a job is claimed only once');
select lives_ok(
    $$select public.heartbeat_agent_job(job_id, lease_token, 120) from tests.leases where name = 'claim'$$,
    'the worker that has the lease extends it'
);
select throws_like(
    $$select public.heartbeat_agent_job(job_id, md5('x')::uuid) from tests.leases where name = 'claim'$$,
    '%"code": "GW703"%',
    'a worker without the lease does not extend it'
);
select throws_like(
    $$select public.complete_agent_job(job_id, md5('x')::uuid, '{}') from tests.leases where name = 'claim'$$,
    '%"code": "GW703"%',
    'a worker without the lease does not complete the job'
);
select throws_like(
    $$select public.complete_agent_job(
        job_id,
        lease_token,
        '{}',
        '[]',
        '[{"model": "homebrew", "kind": "output", "quantity": 5, "request_id": "r1"}]'
    )
    from tests.leases
    where name = 'claim'$$,
    '%"code": "GW801"%',
    'usage of an unknown model is refused'
);
select is(
    (select status::text from public.agent_jobs where id = (select job_id from tests.leases where name = 'claim')),
    'running',
    'a refused result changes nothing'
);
set local synchronous_commit to on;
select lives_ok(
    $$select public.complete_agent_job(
        job_id,
        lease_token,
        '{"words": 2}',
        '[{"title": "Sun", "content": "It shines.", "content_type": "blog", "metadata": {"keywords": ["sun"]}}]',
        '[{"model": "gpt-4o", "kind": "output", "quantity": 50000, "request_id": "r1"}]'
    )
    from tests.leases
    where name = 'claim'$$,
    'the worker that has the lease completes the job'
);
select is(current_setting('synchronous_commit'), 'on', 'a result waits for the disk');
select throws_like(
    $$select public.complete_agent_job(job_id, lease_token, '{}') from tests.leases where name = 'claim'$$,
    '%"code": "GW703"%',
    'once'
);
select lives_ok(
    $$select public.book_late_usage(
        job_id,
        '[{"model": "gpt-4o", "kind": "output", "quantity": 10000, "request_id": "r2"}]'
    )
    from tests.leases
    where name = 'claim'$$,
    'usage that is reported late is booked'
);

-- Owner, later -------------------------------------------------------------------------------------------------------

select tests.authenticate_as('owner');
select results_eq(
    $$select
        job.status::text,
        job.output_data,
        job.cost,
        job.tokens_used,
        campaigns.spend,
        (public.monthly_spending() ->> 'reserved')::numeric
    from public.agent_jobs as job
    join public.campaigns on campaigns.id = job.campaign_id$$,
    $$values ('completed', '{"words": 2}'::jsonb, 0.6, 60000::bigint, 0.5, 0::numeric)$$,
    'the job has all costs, and the campaign pays only what was reserved'
);
select results_eq(
    'select title::text, status::text, metadata from public.content_assets',
    $$values ('Sun', 'review', '{"keywords": ["sun"]}'::jsonb)$$,
    'the content that the agent wrote is in review'
);
select throws_like(
    $$select public.cancel_agent_job(job_id) from tests.leases where name = 'blog'$$,
    '%"code": "GW702"%',
    'a completed job is not cancelled'
);

-- This job is queued and will be cancelled with its campaign.
insert into tests.leases (name, job_id)
select 'second', job.id
from public.enqueue_agent_job('analyst', '{}', md5('launch')::uuid, max_cost => 0.9) as job;
select tests.authenticate_as_service_role();
select is_empty($$select public.claim_agent_jobs('worker')$$, 'a job that does not fit the budget is not claimed');
select tests.authenticate_as('owner');
select is(
    (select waiting_for::text from public.agent_jobs where status = 'pending'),
    'campaign_budget',
    'the job shows why it waits'
);
select lives_ok(
    $$delete from public.campaigns where id = md5('launch')::uuid$$,
    'owners delete their campaign'
);
select is(
    (select status::text from public.agent_jobs where id = (select job_id from tests.leases where name = 'second')),
    'cancelled',
    'deleting a campaign cancels its unfinished jobs'
);
select tests.clear_authentication();
select is_empty('select from groundwork.job_queue', 'nothing is left in the queue');
select is_empty('select from groundwork.leases', 'no lease is left');

select * from finish();
rollback;
