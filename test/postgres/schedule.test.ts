/** The scheduler of hosted Supabase. Substitutes for pg_cron, pg_net and Vault record how they are called. */
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { readMigrations } from "../../src/local/migrations.ts";
import { createProject } from "./setup/create-project.ts";

const project = await createProject();
const { database } = project;
afterAll(() => project[Symbol.asyncDispose]());

/** In the order in which they are applied. */
const names = new Set(["schedule", "jobs_schedule", "jobs_realtime", "embeddings_schedule"]);
const filesOf = async (folder: string) =>
  (await readMigrations(folder)).filter(({ name }) => names.has(name)).map(({ sql }) => sql);
const migrations = await filesOf("supabase/migrations");
const rollbacks = await filesOf("supabase/rollbacks");
const undo = async () => {
  for (const sql of rollbacks.toReversed()) await database.run(sql);
};
const redo = async () => {
  for (const sql of migrations) await database.run(sql);
};

const callWorker = async () =>
  (await database.query<{ id: string | null }>("select groundwork.start_agent_worker()::text as id"))[0]!.id;
const calls = () => database.query("select url, body, headers, timeout_milliseconds from net.calls");
const schedules = () =>
  database.query<{ jobname: string; schedule: string; command: string }>("select * from cron.job order by jobid");

test("without pg_cron and pg_net it schedules nothing, and calls nothing", async () => {
  await queueJob();

  expect(await callWorker()).toBeNull();
  await undo();
  expect(await database.query("select from pg_proc where proname = 'start_agent_worker'")).toEqual([]);
  await redo();
  expect(await callWorker()).toBeNull();
});

test("jobs are added once to the publication of Realtime, if it exists; the rollback removes only what was added", async () => {
  const published = () =>
    database.query("select tablename from pg_publication_tables where pubname = 'supabase_realtime' order by 1");

  await undo();
  await database.run("create publication supabase_realtime for table public.tasks");
  await redo();
  expect(await published()).toEqual([{ tablename: "agent_jobs" }, { tablename: "tasks" }]);
  await undo();
  expect(await published()).toEqual([{ tablename: "tasks" }]);

  await database.run("drop publication supabase_realtime; create publication supabase_realtime for all tables");
  await redo();
  await undo();
  await database.run("drop publication supabase_realtime");
  await redo();
});

describe("with pg_cron and pg_net", () => {
  test("it looks for work every ten seconds and deletes old runs daily; the rollback keeps other schedules", async () => {
    await undo();
    await makeStandIns();
    await database.query("select cron.schedule('theirs', '* * * * *', 'select 1')");
    await redo();

    expect(await schedules()).toMatchObject([
      { jobname: "theirs" },
      {
        jobname: "groundwork_run_agent_jobs",
        schedule: "10 seconds",
        command: "select groundwork.start_agent_worker()",
      },
      { jobname: "groundwork_delete_old_runs", schedule: "23 3 * * *" },
      {
        jobname: "groundwork_embed",
        schedule: "10 seconds",
        command: "select groundwork.start_embedding_worker()",
      },
    ]);

    await undo();
    expect(await schedules()).toMatchObject([{ jobname: "theirs" }]);
    await redo();
  });

  test("the daily command deletes runs that are a week old, of our own schedules only", async () => {
    const [ours, theirs] = ["groundwork_run_agent_jobs", "theirs"];
    await database.query(
      `insert into cron.job_run_details (jobid, end_time)
       select jobid, now() - age
       from cron.job
       cross join unnest(array[interval '6 days', '8 days']) as age
       where jobname in ($1, $2)`,
      [ours, theirs],
    );
    const { command } = (await schedules()).find(({ jobname }) => jobname === "groundwork_delete_old_runs")!;

    await database.run(command);

    const left = await database.query(
      `select jobname, extract(day from now() - end_time)::integer as days
       from cron.job_run_details
       join cron.job using (jobid)
       order by 1, 2`,
    );
    expect(left).toEqual([
      { jobname: ours, days: 6 },
      { jobname: theirs, days: 6 },
      { jobname: theirs, days: 8 },
    ]);
  });
});

describe("a tick", () => {
  beforeEach(async () => {
    await database.run("delete from public.agent_jobs; truncate net.calls, vault.secrets");
    await setSecrets({
      groundwork_functions_url: "https://project.supabase.co/functions/v1/",
      groundwork_automations_key: "sb_secret_automations",
    });
  });

  test("calls the function with the key from Vault when a job is ready", async () => {
    await queueJob();

    const request = await callWorker();

    expect(request).toMatch(/^\d+$/);
    expect(await calls()).toEqual([
      {
        url: "https://project.supabase.co/functions/v1/run-agent-jobs",
        body: {},
        headers: { "content-type": "application/json", apikey: "sb_secret_automations" },
        timeout_milliseconds: 150_000,
      },
    ]);
  });

  test.for([
    ["there is no job", async () => {}],
    ["jobs wait for their time, or for money", () => queueJob({ run_after: "1 hour" })],
    ["all jobs are being worked on", () => leaseJob("1 minute")],
    [
      "there is no key",
      async () => {
        await queueJob();
        await setSecrets({ groundwork_functions_url: "https://project.supabase.co/functions/v1" });
      },
    ],
    [
      "there is no URL",
      async () => {
        await queueJob();
        await setSecrets({ groundwork_automations_key: "sb_secret_automations" });
      },
    ],
  ] as const)("makes no call when %s", async ([, prepare]) => {
    await prepare();

    expect(await callWorker()).toBeNull();
    expect(await calls()).toEqual([]);
  });

  test.for([
    ["a job that is due", () => queueJob({ run_after: "-1 second" })],
    ["a job whose worker is gone", () => leaseJob("-1 second")],
  ] as const)("makes a call for %s", async ([, prepare]) => {
    await prepare();

    expect(await callWorker()).not.toBeNull();
    expect(await calls()).toHaveLength(1);
  });

  test("makes no fourth call while three workers run; other kinds of workers do not count", async () => {
    await queueJob();
    for (const worker of ["run-agent-jobs/a", "run-agent-jobs/b", "host/1", "host/2"]) {
      await leaseJob("1 minute", worker);
    }
    expect(await callWorker()).not.toBeNull();

    await leaseJob("1 minute", "run-agent-jobs/c");

    expect(await callWorker()).toBeNull();
  });

  test("is only for the owner of the schema", async () => {
    for (const role of ["anon", "authenticated", "service_role"]) {
      const tick = database.transaction(async (transaction) => {
        await transaction.run(`set local role ${role}`);
        await transaction.query("select groundwork.start_agent_worker()");
      });
      await expect(tick).rejects.toMatchObject({ code: "42501" });
    }
  });
});

describe("a tick of the embedding worker", () => {
  const callEmbedder = async () =>
    (await database.query<{ id: string | null }>("select groundwork.start_embedding_worker()::text as id"))[0]!.id;
  const claim = (worker: string) =>
    database.query("select from public.claim_embeddings($1, 1, 60, 'groundwork-lexical-1')", [worker]);

  beforeEach(async () => {
    await database.run("truncate net.calls, vault.secrets, groundwork.embedding_queue");
    await setSecrets({
      groundwork_functions_url: "https://project.supabase.co/functions/v1/",
      groundwork_automations_key: "sb_secret_automations",
    });
    await database.run(`
      insert into public.users (clerk_user_id, email, name)
      values (gen_random_uuid(), gen_random_uuid() || '@example.com', 'Ada');
    `);
  });
  const write = () =>
    database.run(`
      insert into public.thoughts (user_id, thought_text) select id, 'Bees' from public.users order by created_at desc limit 1
    `);

  test("calls the function embed if a text waits, and makes no call otherwise", async () => {
    expect(await callEmbedder()).toBeNull();

    await write();

    expect(await callEmbedder()).toMatch(/^\d+$/);
    expect(await calls()).toMatchObject([{ url: "https://project.supabase.co/functions/v1/embed", body: {} }]);
  });

  test("makes no call while the function runs; a move to another model and a user's own call do not count", async () => {
    for (let count = 0; count < 4; count += 1) await write();

    await claim("reembed/host/1");
    await claim("embed-own/1");
    expect(await callEmbedder()).not.toBeNull();

    await claim("embed/1");
    expect(await callEmbedder()).toBeNull();
  });
});

/** Queues a job of a new user, which is due at once or after this time. */
async function queueJob({ run_after = null }: { run_after?: string | null } = {}): Promise<void> {
  await database.query(
    `${newJob}
     insert into groundwork.job_queue (job_id, user_id, agent_type, priority, run_after, max_cost, max_retries)
     select id, user_id, 'analyst', 0, now() + $1::interval, 0, 3 from job`,
    [run_after],
  );
}

/** Makes a job of a new user that a worker has had for this time. */
async function leaseJob(time: string, worker = "worker"): Promise<void> {
  await database.query(
    `${newJob}
     insert into groundwork.leases (
       lease_token, job_id, position, user_id, reserved, retry_count, max_retries, worker_id, expires_at
     )
     select
       gen_random_uuid(), id, 0, user_id, 0, 0, 3, $2, now() + $1::interval
     from job`,
    [time, worker],
  );
}

const newJob = `
  with person as (
    insert into public.users (clerk_user_id, email, name)
    values (gen_random_uuid(), gen_random_uuid() || '@example.com', 'Ada')
    returning id
  ),
  job as (
    insert into public.agent_jobs (user_id, agent_type, input_data)
    select id, 'analyst', '{}' from person
    returning id, user_id
  )
`;

async function setSecrets(secrets: Record<string, string>): Promise<void> {
  await database.query("delete from vault.secrets");
  for (const [name, secret] of Object.entries(secrets)) {
    await database.query("insert into vault.secrets values ($1, $2)", [name, secret]);
  }
}

/** Makes the substitutes. Their signatures are those of pg_cron 1.6, pg_net 0.20 and Supabase Vault. */
async function makeStandIns(): Promise<void> {
  await database.run(`
    create schema cron;
    create table cron.job (
        jobid bigint generated always as identity,
        schedule text,
        command text,
        jobname text unique
    );
    create table cron.job_run_details (jobid bigint, end_time timestamptz);
    create function cron.schedule(job_name text, schedule text, command text) returns bigint language sql as $$
        insert into cron.job (jobname, schedule, command) values (job_name, schedule, command)
        on conflict (jobname) do update set schedule = excluded.schedule, command = excluded.command
        returning jobid;
    $$;
    create function cron.unschedule(job_name text) returns boolean language sql as $$
        delete from cron.job where jobname = job_name returning true;
    $$;

    create schema net;
    create table net.calls (
        id bigint generated always as identity,
        url text,
        body jsonb,
        params jsonb,
        headers jsonb,
        timeout_milliseconds integer
    );
    create function net.http_post(
        url text,
        body jsonb default '{}',
        params jsonb default '{}',
        headers jsonb default '{"Content-Type": "application/json"}',
        timeout_milliseconds integer default 5000
    )
    returns bigint language sql as $$
        insert into net.calls (url, body, params, headers, timeout_milliseconds)
        values (url, body, params, headers, timeout_milliseconds)
        returning id;
    $$;

    create schema vault;
    create table vault.secrets (name text, secret text);
    create view vault.decrypted_secrets as select name, secret as decrypted_secret from vault.secrets;
  `);
}
