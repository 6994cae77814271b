/**
 * Embeddings that cost money, with many sessions at once: who is charged, who waits, and that no user waits for
 * another.
 */
import postgres from "postgres";
import { afterAll, beforeEach, expect, test } from "vitest";
import { createProject } from "./setup/create-project.ts";

const model = "text-embedding-3-small";
const project = await createProject();
const sessions: postgres.Sql[] = [];
const session = () => {
  const sql = postgres(project.url, { max: 1, onnotice: () => {} });
  sessions.push(sql);
  return sql;
};
const sql = session();
await sql`select public.add_embedding_model(${model})`;
await sql`select public.switch_embedding_model(${model}, true)`;
await sql`select public.drop_embedding_model('groundwork-lexical-1', 1)`;
afterAll(async () => {
  await Promise.all(sessions.map((open) => open.end()));
  await project[Symbol.asyncDispose]();
});
beforeEach(() => sql`delete from auth.users`);

/** @param limit the monthly limit in US dollars */
async function createUser(limit: number): Promise<string> {
  const id = crypto.randomUUID();
  await sql`insert into auth.users (id, email) values (${id}, ${`${id}@example.com`})`;
  await sql`insert into public.user_spend_limits (user_id, monthly_limit) values (${id}, ${limit})`;
  return id;
}
const write = (user: string, count: number) => sql`
  insert into public.thoughts (user_id, thought_text) select ${user}, 'text ' || n from generate_series(1, ${count}::int) as n
`;
interface Text {
  id: string;
  lease_token: string;
  user_id: string;
  content_hash: string;
}
const claim = (by: postgres.Sql, batch = 100, worker = "embed/w", user: string | null = null) =>
  by<Text[]>`select * from public.claim_embeddings(${worker}, ${batch}, 120, ${model}, ${user})`;
const embedding = JSON.stringify(Array.from({ length: 1536 }, () => 0.1));
const store = (by: postgres.Sql, texts: Text[]) =>
  by`select public.store_embeddings(${by.json(texts.map((text) => ({ ...text, embedding })) as never)})`;
const book = (by: postgres.Sql, texts: Text[]) => {
  const usage = texts.map(({ user_id }) => ({ user_id, tokens: 1 }));
  return by`select public.book_embeddings(${model}, ${crypto.randomUUID()}, ${by.json(usage)})`;
};
/** Uses up the user's monthly limit after the user has written texts. */
const spend = (user: string) => sql`
  insert into public.budget_entries (user_id, resource_type, cost) values (${user}, 'embedding', 1000)
`;

test("several workers that claim at once never get a text that nobody pays for", async () => {
  const [one, other] = [session(), session()];
  for (let round = 0; round < 20; round += 1) {
    await sql`delete from auth.users`;
    const [rich, spent] = [await createUser(1), await createUser(1)];
    await write(rich, 100);
    await write(spent, 100);
    await spend(spent);

    const claimed = await Promise.all([claim(one), claim(other)]);

    expect(claimed.flat().filter(({ user_id }) => user_id === spent)).toEqual([]);
    const [again] = [await claim(one)];
    expect(claimed.flat().length + again.length).toBe(100);
  }
});

test("a claim skips only a limited number of texts that nobody pays for", async () => {
  const spent = await createUser(1);
  await write(spent, 12_000);
  await spend(spent);
  const rich = await createUser(1);
  await write(rich, 1);
  const unpaid = async () => Number((await sql`select from groundwork.embedding_queue where is_unpaid`).length);

  expect(await claim(sql)).toMatchObject([{ user_id: rich }]);
  for (const waiting of [5000, 10_000, 12_000]) {
    expect(await unpaid()).toBe(waiting);
    expect(await claim(sql)).toEqual([]);
  }

  await sql`update public.user_spend_limits set monthly_limit = 2000 where user_id = ${spent}`;
  expect(await unpaid()).toBe(0);
});

test("no user waits behind the texts of another user", async () => {
  const [many, few] = [await createUser(1), await createUser(1)];
  await write(many, 2000);
  await store(sql, await claim(sql, 100));
  await write(few, 30);

  const next = await claim(sql, 60);
  expect(next.filter(({ user_id }) => user_id === few)).toHaveLength(30);
  await store(sql, next);

  // A user who had no texts for a while gets no more than the usual share.
  await write(few, 500);
  for (let round = 0; round < 3; round += 1) {
    const texts = await claim(sql, 100);
    expect(texts.filter(({ user_id }) => user_id === few)).toHaveLength(50);
    await store(sql, texts);
  }
});

test("queueing many texts does not read all of them for each, even if there were few a moment ago", async () => {
  await using fresh = await createProject();
  const by = postgres(fresh.url, { max: 1, onnotice: () => {} });
  const user = crypto.randomUUID();
  await by`insert into auth.users (id, email) values (${user}, 'a@example.com')`;
  const add = (count: number) => by`
    insert into public.thoughts (user_id, thought_text) select ${user}, 'text' from generate_series(1, ${count}::int)
  `;
  await add(7);
  await by`vacuum analyze`;
  // A session keeps its plan after five calls.
  for (let times = 0; times < 10; times += 1) await add(1);
  const scans = async () => {
    const [row] = await by<{ seq_scan: string }[]>`
      select seq_scan from pg_stat_xact_user_tables where relid = 'public.thoughts'::regclass
    `;
    return Number(row!.seq_scan);
  };

  await by`begin`;
  const before = await scans();
  await add(100);
  expect((await scans()) - before).toBeLessThan(5);
  await by`commit`;
  await by.end();
});

test("a user has one run at a time", async () => {
  const user = await createUser(0.000001);
  await write(user, 50);

  const runs = await Promise.all(Array.from({ length: 5 }, (_, run) => claim(session(), 10, `embed-own/${run}`, user)));

  expect(runs.map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([0, 0, 0, 0, 10]);
});

test("users can be deleted while their texts are embedded: those of others are booked and stored", async () => {
  const [worker, deleter] = [session(), session()];
  for (let round = 0; round < 20; round += 1) {
    const users = await Promise.all(Array.from({ length: 6 }, () => createUser(1)));
    for (const user of users) await write(user, 5);
    const texts = await claim(worker);
    expect(texts).toHaveLength(30);

    await Promise.all([
      book(worker, texts).then(() => store(worker, texts)),
      deleter`delete from auth.users where id = ${users[0]!}`,
    ]);

    const kept = await sql`select distinct user_id from public.thought_embeddings`;
    expect(new Set(kept.map(({ user_id }) => user_id as string))).toEqual(new Set(users.slice(1)));
    expect(await sql`select from public.budget_entries`).toHaveLength(5);
    await sql`delete from auth.users`;
  }
});

test("a model that is becoming active cannot be dropped meanwhile", async () => {
  await sql`select public.add_embedding_model('text-embedding-3-large')`;
  const [one, other] = [session(), session()];
  await one`begin`;
  await one`select public.switch_embedding_model('text-embedding-3-large', true)`;

  const dropping = other`select public.drop_embedding_model('text-embedding-3-large', 10)`.catch(
    ({ message }: Error) => JSON.parse(message).code,
  );
  await one`commit`;

  expect(await dropping).toBe("GW905");
  await sql`select public.switch_embedding_model(${model}, true)`;
  await sql`select public.drop_embedding_model('text-embedding-3-large', 10)`;
});
