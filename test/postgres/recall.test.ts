/** Memories that several sessions compare and change at once, on native Postgres. */
import postgres from "postgres";
import { afterAll, describe, expect, test } from "vitest";
import { until } from "../setup/until.ts";
import { createProject } from "./setup/create-project.ts";

const project = await createProject();
const sql = postgres(project.url, { max: 10, onnotice: () => {} });
afterAll(async () => {
  await sql.end();
  await project[Symbol.asyncDispose]();
});

async function signUp(): Promise<string> {
  const id = crypto.randomUUID();
  await sql`insert into auth.users (id, email) values (${id}, ${`${id}@example.com`})`;
  return id;
}

/** Runs statements in one transaction of a user, which lasts until `work` ends. */
function as<T>(user: string, work: (sql: postgres.TransactionSql) => Promise<T>) {
  return sql.begin(async (transaction) => {
    await transaction`
      select
        set_config('request.jwt.claims', ${JSON.stringify({ sub: user, role: "authenticated" })}, true),
        set_config('role', 'authenticated', true)
    `;
    return work(transaction);
  });
}

/** Opens a session that has done its work, and commits when it is told to. */
async function held(user: string, work: (sql: postgres.TransactionSql) => Promise<unknown>) {
  const { promise: told, resolve: commit } = Promise.withResolvers<void>();
  const { promise: done, resolve: isDone } = Promise.withResolvers<void>();
  const session = as(user, async (transaction) => {
    await work(transaction);
    isDone();
    await told;
  });
  await Promise.race([done, session]);
  return {
    commit: async () => {
      commit();
      await session;
    },
  };
}

const sessionsThatWait = async () => {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::integer as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'
  `;
  return row!.count;
};

const remember =
  (content: string, confidence = 1, day = "2026-03-01") =>
  (transaction: postgres.TransactionSql) =>
    transaction<{ id: string }[]>`select id from public.remember(${content}, null, ${day}, ${confidence})`;

describe("remember()", () => {
  test("returns the row that another session is writing, after that session has committed", async () => {
    const user = await signUp();
    const first = await held(user, remember("I live in Lisbon", 0.5));

    const second = as(user, remember("i live in lisbon.", 0.9, "2026-02-01"));
    await until("the second session waits", async () => (await sessionsThatWait()) === 1);
    await first.commit();
    await second;

    const rows = await sql`
      select content, confidence, valid_from = '2026-02-01' as is_earlier
      from public.personal_memories where user_id = ${user}
    `;
    expect([...rows]).toEqual([{ content: "I live in Lisbon", confidence: 0.9, is_earlier: true }]);
  });

  test("returns one row to twenty sessions, and users do not wait for each other", async () => {
    const [user, other] = [await signUp(), await signUp()];
    const holding = await held(user, remember("Something else"));
    await as(other, remember("I live in Lisbon"));
    expect(await sessionsThatWait()).toBe(0);
    await holding.commit();

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => as(user, remember("I live in Lisbon", index / 20))),
    );

    expect(new Set(answers.map(([row]) => row!.id)).size).toBe(1);
    const [row] = await sql`
      select count(*)::integer as count, max(confidence) as confidence
      from public.personal_memories where user_id = ${user} and content = 'I live in Lisbon'
    `;
    expect(row).toMatchObject({ count: 1, confidence: expect.closeTo(0.95) });
  });
});

test("two sessions cannot close a circle of which each sees one half", async () => {
  const user = await signUp();
  const ids: Record<string, string> = {};
  for (const name of ["A", "B", "C", "D"]) ids[name] = (await as(user, remember(name)))[0]!.id;
  const supersede = (older: string, newer: string) => (transaction: postgres.TransactionSql) =>
    transaction`select public.supersede_memory(${ids[older]!}, ${ids[newer]!})`;
  await as(user, supersede("A", "B"));
  await as(user, supersede("C", "D"));
  const first = await held(user, supersede("B", "C"));

  const second = as(user, supersede("D", "A"));
  second.catch(() => {});
  await until("the second session waits", async () => (await sessionsThatWait()) === 1);
  await first.commit();

  await expect(second).rejects.toThrow("GW504");
});

test("a result of the memory keeper does not wait: memories that a user is changing are skipped, and compared again later", async () => {
  const user = await signUp();
  await as(user, remember("I live in Lisbon", 1, "2026-03-01"));
  await as(user, remember("I live in Porto", 1, "2026-03-09"));
  await sql`
    insert into public.memory_embeddings (user_id, memory_id, model_used, content_hash, embedding)
    select
      user_id, id, groundwork.active_embedding_model(), groundwork.content_hash(content),
      array_fill(1 / sqrt(1536), array[1536])::extensions.halfvec
    from public.personal_memories where user_id = ${user}
  `;
  await as(user, (transaction) => transaction`select public.enqueue_agent_job('memory_keeper', '{}')`);
  const [job] = await sql<{ id: string; lease_token: string }[]>`select * from public.claim_agent_jobs('test')`;
  const material = async () =>
    (
      await sql<{ material: { looked_at: string[]; memories: { id: string; content: string }[] } }[]>`
        select public.get_memories_to_consolidate(${job!.id}, ${job!.lease_token}) as material
      `
    )[0]!.material;
  const { looked_at, memories } = await material();
  const [older, newer] = memories.map(({ id }) => id);
  const forgetting = await held(
    user,
    (transaction) => transaction`delete from public.personal_memories where id = ${older!}`,
  );

  const output = { looked_at, memories, proposals: [{ relation: "contradicts", older_id: older!, newer_id: newer! }] };
  await sql.begin(async (transaction) => {
    await transaction`set local lock_timeout = '1s'`;
    await transaction`select public.complete_agent_job(${job!.id}, ${job!.lease_token}, ${sql.json(output)})`;
  });

  await forgetting.commit();
  const rows = await sql`select content, valid_to from public.personal_memories where user_id = ${user}`;
  expect([...rows]).toEqual([{ content: "I live in Porto", valid_to: null }]);
  expect([...(await sql`select from groundwork.consolidated_memories where user_id = ${user}`)]).toEqual([]);
});
