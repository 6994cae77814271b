/**
 * An agent type with jobs cannot be deleted, whatever other sessions do meanwhile. There is no foreign key for this.
 */
import { setTimeout } from "node:timers/promises";
import type postgres from "postgres";
import { describe, expect, onTestFinished, test } from "vitest";
import { createWorld, refusal, until } from "./setup/world.ts";

const world = await createWorld();
const { sql } = world;
const user = await world.user();

const enqueueing = {
  "one job": "select public.enqueue_agent_job('translator', '{}')",
  "one job with a key":
    "select public.enqueue_agent_job('translator', '{}', idempotency_key => gen_random_uuid()::text)",
  "many jobs": `select public.enqueue_agent_jobs('[
    {"agent_type": "translator", "input_data": {}}, {"agent_type": "translator", "input_data": {}}
  ]')`,
};
const enqueueOne = enqueueing["one job"];
const deleting = "delete from groundwork.agent_types where name = 'translator'";
const changes = { deleting, renaming: "update groundwork.agent_types set name = 'poet' where name = 'translator'" };

/** Makes an agent type without jobs, a session that queues jobs of it, and one that deletes it. For one test. */
async function arrange(): Promise<{ users: postgres.Sql; deleters: postgres.Sql }> {
  await sql`delete from public.agent_jobs`;
  await sql`delete from groundwork.agent_types where name in ('translator', 'poet')`;
  await sql`insert into groundwork.agent_types (name, purpose, default_max_cost) values ('translator', 'Translates.', 0)`;
  const [users, deleters] = [world.session(), world.session()];
  onTestFinished(async () => void (await Promise.all([users.end({ timeout: 1 }), deleters.end({ timeout: 1 })])));
  await users`select set_config('request.jwt.claims', ${JSON.stringify({ sub: user })}, false)`;
  return { users, deleters };
}

const isWaiting = () =>
  until(async () => {
    const waiting = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
    `;
    return waiting.length > 0;
  }, "a session waits");

/** Returns how many jobs of the type there are, and how many types with its name. */
async function state(): Promise<{ jobs: number; types: number }> {
  const [row] = await sql<[{ jobs: number; types: number }]>`
    select
      (select count(*) from public.agent_jobs where agent_type = 'translator') as jobs,
      (select count(*) from groundwork.agent_types where name = 'translator') as types
  `;
  return { ...row };
}

describe.for(Object.entries(changes))("%s an agent type", ([, change]) => {
  test.for(Object.entries(enqueueing))(
    "waits for a session that is queueing %s, and is then refused",
    async ([, enqueue]) => {
      const { users, deleters } = await arrange();
      await users`begin`;
      await users.unsafe(enqueue);

      const changed = refusal(deleters.unsafe(change));
      await isWaiting();
      await users`commit`;

      expect(await changed).toBe("GW709");
      expect(await state()).toEqual({ jobs: enqueue === enqueueing["many jobs"] ? 2 : 1, types: 1 });
    },
  );

  test("waits for a session that is queueing a job, and succeeds when that session rolls back", async () => {
    const { users, deleters } = await arrange();
    await users`begin`;
    await users.unsafe(enqueueOne);

    const changed = refusal(deleters.unsafe(change));
    await isWaiting();
    await users`rollback`;

    expect(await changed).toBe("not refused");
    expect(await state()).toEqual({ jobs: 0, types: 0 });
  });

  test("is refused in a transaction that would not see the latest jobs", async () => {
    const { users, deleters } = await arrange();
    await deleters`begin isolation level repeatable read`;
    await deleters`select from public.users`;
    await users.unsafe(enqueueOne);

    expect(await refusal(deleters.unsafe(change))).toBe("GW709");
    await deleters`rollback`;
    expect(await state()).toEqual({ jobs: 1, types: 1 });
  });
});

describe.for(Object.entries(enqueueing))("queueing %s", ([, enqueue]) => {
  // A session that has queued jobs before has cached plans, and takes its locks at another point.
  describe.for([0, 10])("in a session that has done it %i times before", (times) => {
    test.for(Object.entries(changes))("waits for a session %s the type, and is refused", async ([, change]) => {
      const { users, deleters } = await arrange();
      for (let call = 0; call < times; call++) await users.unsafe(enqueue);
      await sql`delete from public.agent_jobs`;
      await deleters`begin`;
      await deleters.unsafe(change);

      const queued = refusal(users.unsafe(enqueue));
      await isWaiting();
      await deleters`commit`;

      expect(await queued).toBe("GW705");
      expect(await state()).toEqual({ jobs: 0, types: 0 });
    });
  });

  test("waits for a session that is deleting the type, and succeeds when that session rolls back", async () => {
    const { users, deleters } = await arrange();
    await deleters`begin`;
    await deleters.unsafe(deleting);

    const queued = refusal(users.unsafe(enqueue));
    await isWaiting();
    await deleters`rollback`;

    expect(await queued).toBe("not refused");
    expect(await state()).toEqual({ jobs: enqueue === enqueueing["many jobs"] ? 2 : 1, types: 1 });
  });

  describe.for(["repeatable read", "serializable"])("in a transaction that is %s", (level) => {
    test.for(Object.entries(changes))("fails if a session was %s the type meanwhile", async ([, change]) => {
      const { users, deleters } = await arrange();
      await users.unsafe(`begin isolation level ${level}`);
      await users`select from public.users`;
      await deleters.unsafe(change);

      expect(await refusal(users.unsafe(enqueue))).toBe("40001");
      await users`rollback`;
      expect(await state()).toEqual({ jobs: 0, types: 0 });
    });

    test("succeeds if the type exists", async () => {
      const { users, deleters } = await arrange();
      await users.unsafe(`begin isolation level ${level}`);
      await users`select from public.users`;
      await deleters`update groundwork.agent_types set default_max_cost = 1`;
      await users.unsafe(enqueue);
      await users`commit`;

      expect((await state()).jobs).toBeGreaterThan(0);
    });
  });
});

test("no job is without its type after sessions queued jobs while another deleted the type and added it again", async () => {
  const { users, deleters } = await arrange();
  const others = world.session();
  await others`select set_config('request.jwt.claims', ${JSON.stringify({ sub: user })}, false)`;
  const outcomes = { queueing: new Set<string>(), deleting: new Set<string>() };
  const isOver = () => outcomes.queueing.size >= 2 && outcomes.deleting.size >= 2 && Date.now() > end;
  const [end, limit] = [Date.now() + 1000, Date.now() + 120_000];

  const queue = async (session: postgres.Sql, enqueue: string) => {
    for (let turn = 0; !isOver() && Date.now() < limit; turn += 1) {
      outcomes.queueing.add(await refusal(session.unsafe(enqueue)));
      // Without pauses there may be a job of the type at every moment, and no deletion ever succeeds.
      await setTimeout((turn % 4) * 3);
    }
  };
  const orphans: unknown[] = [];
  const remove = async () => {
    while (!isOver() && Date.now() < limit) {
      await deleters`delete from public.agent_jobs`;
      outcomes.deleting.add(await refusal(deleters.unsafe(deleting)));
      orphans.push(
        ...(await sql`select from public.agent_jobs where agent_type not in (select name from groundwork.agent_types)`),
      );
      await deleters`insert into groundwork.agent_types (name, purpose, default_max_cost)
        values ('translator', 'Translates.', 0) on conflict do nothing`;
    }
  };
  await Promise.all([queue(users, enqueueOne), queue(others, enqueueing["many jobs"]), remove()]);

  expect(orphans).toEqual([]);
  expect(outcomes).toEqual({
    queueing: new Set(["not refused", "GW705"]),
    deleting: new Set(["not refused", "GW709"]),
  });
});
