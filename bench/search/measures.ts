import postgres from "postgres";
import { median } from "../boot/statistics.ts";
import type { BenchDatabase } from "./create-bench-database.ts";
import { openHnswlib } from "./hnswlib.ts";
import { queriesOf } from "./load-memories.ts";
import type { Mixture } from "./vectors.ts";
import { type Answer, ask, ways } from "./ways.ts";

/** The result of one way to search, for the users of one size. */
export interface Result {
  way: string;
  rows: number;
  recall: number;
  /** The rows returned of ten; of all rows of the user, if these are fewer. */
  returned: number;
  p50: number;
  p95: number;
}

const usersOfClass = 5;

/**
 * Runs every query in all ways, one after the other, in each repetition. Every other repetition uses the reverse order,
 * because the cache contents of a way depend on the way before it. The first repetition warms up and is not counted.
 * Recall is measured against the exact answer.
 */
export async function measureSearch(
  database: BenchDatabase,
  mixture: Mixture,
  names: string[],
  options: { repetitions: number; queriesPerUser: number },
): Promise<Result[]> {
  // Each way has its own connection, because plans that depend on the role are made again whenever the role changes.
  await using connections = new AsyncDisposableStack();
  const connect = () => {
    const sql = postgres(database.url, { max: 1, onnotice: () => {} });
    connections.defer(() => sql.end());
    return sql;
  };
  const sql = connect();
  const askers = new Map<string, (user: string, query: Float32Array) => Promise<Answer>>();
  for (const way of names.map((name) => ways[name]!)) {
    const own = connect();
    askers.set(way.name, (user, query) => ask(own, way, user, query));
  }
  const hnswlib = names.includes("hnsw") ? await openHnswlib(sql) : undefined;
  if (hnswlib) askers.set("hnswlib-node, filtered", (user, query) => Promise.resolve(hnswlib(user, query)));

  const results: Result[] = [];
  for (const [size, { rows }] of database.classes.entries()) {
    const users = database.users[size]!.slice(0, usersOfClass);
    const asked: { user: string; query: Float32Array; nearest: Set<string> }[] = [];
    for (const [number, user] of users.entries()) {
      for (const query of queriesOf(size, number, mixture, options.queriesPerUser)) {
        asked.push({ user, query, nearest: new Set((await ask(sql, ways.exact!, user, query)).ids) });
      }
    }
    const answers = new Map(
      [...askers.keys()].map((way) => [way, [] as { ms: number; hits: number; count: number }[]]),
    );
    for (let repetition = 0; repetition <= options.repetitions; repetition += 1) {
      const order = repetition % 2 ? [...askers] : [...askers].toReversed();
      for (const { user, query, nearest } of asked) {
        for (const [way, asker] of order) {
          const { ms, ids } = await asker(user, query);
          if (repetition === 0) continue;
          const hits = ids.filter((id) => nearest.has(id)).length;
          answers.get(way)!.push({ ms, hits: hits / nearest.size, count: ids.length });
        }
      }
    }
    for (const [way, given] of answers) {
      const times = given.map(({ ms }) => ms).toSorted((a, b) => a - b);
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      results.push({
        way,
        rows,
        recall: mean(given.map(({ hits }) => hits)),
        returned: mean(given.map(({ count }) => count)),
        p50: median(times),
        p95: times[Math.floor(times.length * 0.95)]!,
      });
    }
  }
  return results;
}

export interface Index {
  bytes: number;
  seconds: number;
}

/** Builds HNSW and ivfflat indexes in the usual way, each on a copy of the table, and rebuilds our own index. */
export async function buildIndexes(sql: postgres.Sql): Promise<{ codes: Index; hnsw: Index; ivfflat: Index }> {
  const [total] = await sql<{ count: number }[]>`select count(*)::integer as count from public.exact`;
  await sql.unsafe(`
    set maintenance_work_mem = '6GB';
    create table public.hnsw as select * from public.exact;
    create table public.ivfflat as select * from public.exact;
  `);
  const build = async (name: string, statement: string): Promise<Index> => {
    const start = performance.now();
    await sql.unsafe(statement);
    const seconds = (performance.now() - start) / 1000;
    const [size] = await sql<{ bytes: string }[]>`select pg_relation_size(${name}::regclass) as bytes`;
    return { bytes: Number(size!.bytes), seconds };
  };
  const codes = await build(
    "public.idx_memory_embeddings_user_id_model_used_code",
    "reindex index public.idx_memory_embeddings_user_id_model_used_code",
  );
  const hnsw = await build(
    "public.hnsw_index",
    "create index hnsw_index on public.hnsw using hnsw (embedding extensions.vector_cosine_ops)",
  );
  // The number of lists that the documentation of pgvector recommends for up to a million rows.
  const lists = Math.max(10, Math.round(total!.count / 1000));
  const ivfflat = await build(
    "public.ivfflat_index",
    `create index ivfflat_index on public.ivfflat using ivfflat (embedding extensions.vector_cosine_ops)
     with (lists = ${lists})`,
  );
  await sql.unsafe("vacuum (analyze) public.hnsw; ").simple();
  await sql.unsafe("vacuum (analyze) public.ivfflat").simple();
  return { codes, hnsw, ivfflat };
}

/**
 * Returns the milliseconds for 100 rows with vectors, in our table and in one with an HNSW index. The tables take
 * turns, and the rows are rolled back.
 */
export async function measureInserts(sql: postgres.Sql, repetitions: number): Promise<{ ours: number; hnsw: number }> {
  const times = { ours: [] as number[], hnsw: [] as number[] };
  const statements = {
    ours: `insert into public.memory_embeddings (user_id, memory_id, model_used, content_hash, embedding)
      select user_id, id, 'another', 'hash', embedding::extensions.halfvec
      from (select * from public.exact limit 100) as row`,
    hnsw: "insert into public.hnsw select user_id, id, embedding from (select * from public.exact limit 100) as row",
  };
  for (let repetition = 0; repetition <= repetitions; repetition += 1) {
    for (const way of ["ours", "hnsw"] as const) {
      await sql.unsafe("begin");
      const start = performance.now();
      await sql.unsafe(statements[way]);
      if (repetition > 0) times[way].push(performance.now() - start);
      await sql.unsafe("rollback");
    }
  }
  return { ours: median(times.ours), hnsw: median(times.hnsw) };
}

/** Returns the median milliseconds of searches of the same users in two databases, which take turns. */
export async function measureGrowth(
  few: BenchDatabase,
  many: BenchDatabase,
  mixture: Mixture,
  repetitions: number,
): Promise<{ few: number; many: number }> {
  const times = { few: [] as number[], many: [] as number[] };
  for (let repetition = 0; repetition <= repetitions; repetition += 1) {
    for (const size of few.classes.keys()) {
      const user = few.users[size]![0]!;
      for (const query of queriesOf(size, 0, mixture, 5)) {
        for (const [name, { sql }] of Object.entries({ few, many }) as ["few" | "many", BenchDatabase][]) {
          const { ms } = await ask(sql, ways.api!, user, query);
          if (repetition > 0) times[name].push(ms);
        }
      }
    }
  }
  return { few: median(times.few), many: median(times.many) };
}
