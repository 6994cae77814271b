/** Search among the memories of many users on native Postgres: complete, private, accurate enough, and by an index. */
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadMemories, queriesOf, usersOf } from "../../bench/search/load-memories.ts";
import { ask, ways } from "../../bench/search/ways.ts";
import { requestSettings, setRequest } from "../../bench/rls/time-in-request.ts";
import { createProject } from "./setup/create-project.ts";

/** 200 users. The largest has half of all memories, the smallest a thousandth. */
const classes = [
  { userCount: 1, rows: 6_000 },
  { userCount: 1, rows: 2_400 },
  { userCount: 2, rows: 600 },
  { userCount: 6, rows: 120 },
  { userCount: 190, rows: 12 },
];
const total = classes.reduce((sum, { userCount, rows }) => sum + userCount * rows, 0);
const users = usersOf(classes);
const queriesPerUser = 10;

const project = await createProject();
const sql = postgres(project.url, { max: 1, onnotice: () => {} });
beforeAll(() => loadMemories(sql, classes, "clustered"), 120_000);
afterAll(async () => {
  await sql.end();
  await project[Symbol.asyncDispose]();
});

describe("searching memories", () => {
  test("finds what an exact search finds, and never fewer rows, for every share of all memories", async () => {
    const lines: string[] = [];
    for (const [size, { userCount, rows }] of classes.entries()) {
      let hits = 0;
      let expected = 0;
      for (let index = 0; index < Math.min(userCount, 3); index += 1) {
        const user = users[size]![index]!;
        for (const query of queriesOf(size, index, "clustered", queriesPerUser)) {
          const nearest = new Set((await ask(sql, ways.exact!, user, query)).ids);
          const { ids } = await ask(sql, ways.api!, user, query);
          expect(ids).toHaveLength(Math.min(10, rows));
          hits += ids.filter((id) => nearest.has(id)).length;
          expected += nearest.size;
        }
      }
      lines.push(`${((100 * rows) / total).toFixed(1)} % of all (${rows}): recall@10 ${(hits / expected).toFixed(3)}`);
      expect(hits / expected).toBeGreaterThanOrEqual(0.98);
    }
    console.log(lines.join("\n"));
  });

  test("never finds another user's memories, not even one with exactly the searched vector", async () => {
    for (const [size, user] of [
      [0, users[0]![0]!],
      [4, users[4]![0]!],
    ] as const) {
      const [stranger] = await sql<{ user_id: string; embedding: string }[]>`
        select user_id, embedding::text from public.exact where user_id <> ${user} limit 1
      `;
      const query = Float32Array.from(JSON.parse(stranger!.embedding) as number[]);

      const { ids } = await ask(sql, ways.api!, user, query);

      expect(ids).toHaveLength(10);
      const owners = await sql`select distinct user_id from public.personal_memories where id in ${sql(ids)}`;
      expect(owners, `at ${classes[size]!.rows} rows`).toEqual([{ user_id: user }]);
    }
  });

  test("returns all memories that were true then, although thousands of nearer ones were not", async () => {
    const user = users[0]![0]!;
    const [query] = queriesOf(0, 0, "clustered", 1);
    const text = JSON.stringify([...query!]);
    const farthest = sql`
      select id from public.exact where user_id = ${user}
      order by embedding operator(extensions.<=>) ${text}::extensions.vector desc limit 12
    `;
    await sql`update public.personal_memories set valid_from = '2000-01-01' where id in (${farthest})`;

    const found = await asUser(
      user,
      (transaction) =>
        transaction`select id from public.match_memories(${text}::extensions.vector, 10, as_of => '2001-01-01')`,
    );

    expect(found).toHaveLength(10);
  });
});

describe("the plan", () => {
  test.each([
    ["many rows", users[0]![0]!, 0],
    ["few rows", users[4]![0]!, 4],
  ])("for %s reads the codes from the index only, and vectors by their keys", async (_, user, size) => {
    const plans = await plansOf(user, queriesOf(size, 0, "clustered", 1)[0]!);

    expect(plans).toContain("Index Only Scan using idx_memory_embeddings_user_id_model_used_code");
    expect(plans).toContain("Index Scan using memory_embeddings_pkey");
    expect(plans).toMatch(/Index Scan using personal_memories_\w*key/);
    expect(plans).not.toContain("Seq Scan");
  });

  test("for thoughts is the same", async () => {
    const plans = await plansOf(users[0]![0]!, queriesOf(0, 0, "clustered", 1)[0]!, "match_thoughts");

    expect(plans).toContain("Index Only Scan using idx_thought_embeddings_user_id_model_used_code");
    expect(plans).not.toContain("Seq Scan");
  });

  test("for words uses an index that leads with the owner", async () => {
    const plans = await plansOf(users[0]![0]!, queriesOf(0, 0, "clustered", 1)[0]!, "search");

    expect(plans).toMatch(/Bitmap Index Scan on idx_personal_memories_user_id_words[^]*?Index Cond: \(\(user_id = /);
    expect(plans).toMatch(/Bitmap Index Scan on idx_thoughts_user_id_words/);
  });

  test("of a claim of embeddings that finds nothing is an index probe for unpaid texts, and one for each model", async () => {
    const statement = "select * from groundwork.claim_embeddings('w', 100, 60, null, null, now())";
    // After five calls a session keeps its plans. Making plans reads buffers, too.
    for (let times = 0; times < 6; times += 1) await sql.unsafe(statement);
    const buffers = await sql.begin(async (transaction) => {
      const [row] = await transaction.unsafe(`explain (analyze, buffers, format json) ${statement}`);
      return row!["QUERY PLAN"][0].Plan["Shared Hit Blocks"] as number;
    });

    expect(buffers).toBeLessThanOrEqual(10);
  });
});

async function asUser<T>(user: string, work: (transaction: postgres.TransactionSql) => Promise<T>): Promise<T> {
  return (await sql.begin(async (transaction) => {
    const { role, claims } = requestSettings(user);
    await transaction.unsafe(setRequest, [role, claims]);
    return work(transaction);
  })) as T;
}

/** Returns the plans of all statements of a search as text, including those in its functions. */
async function plansOf(user: string, query: Float32Array, name = "match_memories"): Promise<string> {
  const notices: string[] = [];
  const watched = postgres(project.url, { max: 1, onnotice: ({ message }) => notices.push(message ?? "") });
  try {
    await watched.unsafe(`
      load 'auto_explain';
      set auto_explain.log_min_duration = 0;
      set auto_explain.log_nested_statements = on;
      set client_min_messages = log;
    `);
    await watched.begin(async (transaction) => {
      const { role, claims } = requestSettings(user);
      await transaction.unsafe(setRequest, [role, claims]);
      const given = name === "search" ? "'remember', " : "";
      await transaction.unsafe(`select * from public.${name}(${given}$1::extensions.vector)`, [
        JSON.stringify([...query]),
      ]);
    });
  } finally {
    await watched.end();
  }
  return notices.join("\n");
}
