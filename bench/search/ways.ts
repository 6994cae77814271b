import type postgres from "postgres";
import { requestSettings, setRequest } from "../rls/time-in-request.ts";

/** One way to find the memories of a user that are nearest to a vector. */
export interface Way {
  name: string;
  /**
   * True: runs as the user. False: runs as the owner of the database, to whom row-level security does not apply, with
   * the user's claims.
   */
  asUser: boolean;
  settings: string;
  query: string;
}

export interface Answer {
  ids: string[];
  ms: number;
}

const exactQuery = (table: string, owner: string) =>
  `select id from public.${table} where ${owner} order by embedding operator(extensions.<=>) $2::extensions.vector limit 10`;

/** Settings of all ways. They ensure the intended plans, on one core. */
const alone = "set local jit = off; set local max_parallel_workers_per_gather = 0;";
/** Without this setting, Postgres would not use the index over all users' vectors, which does not know the filter. */
const ofAll = `${alone} set local enable_seqscan = off;`;
const filtered = "user_id::text = $1";

export const ways: Record<string, Way> = {
  exact: { name: "exact, vector", asUser: false, settings: alone, query: exactQuery("exact", "user_id = $1::uuid") },
  api: {
    name: "match_memories()",
    asUser: true,
    settings: alone,
    query: "select id from public.match_memories($2::extensions.vector, 10) where $1::text is not null",
  },
  plain: {
    name: "the same without RLS and RPC",
    asUser: false,
    settings: alone,
    query: "select id from groundwork.nearest_memories($2::extensions.vector, 10, now()) where $1::text is not null",
  },
  hnsw: { name: "HNSW, filtered", asUser: false, settings: ofAll, query: exactQuery("hnsw", filtered) },
  hnswRelaxed: {
    name: "HNSW, relaxed iterative scan, ef 200",
    asUser: false,
    settings: `${ofAll} set local hnsw.iterative_scan = relaxed_order; set local hnsw.ef_search = 200;
      set local hnsw.max_scan_tuples = 200000;`,
    query: exactQuery("hnsw", filtered),
  },
  ivfflat: { name: "ivfflat, filtered", asUser: false, settings: ofAll, query: exactQuery("ivfflat", filtered) },
};

/** Runs a query once, in a transaction like the API's. Only the query itself is timed. */
export async function ask(sql: postgres.Sql, way: Way, user: string, query: Float32Array): Promise<Answer> {
  const text = JSON.stringify([...query]);
  let answer: Answer | undefined;
  await sql.begin(async (transaction) => {
    await transaction.unsafe(way.settings);
    const { role, claims } = requestSettings(user);
    await transaction.unsafe(setRequest, [way.asUser ? role : "none", claims]);
    const start = performance.now();
    const rows = await transaction.unsafe<{ id: string }[]>(way.query, [user, text], { prepare: true });
    answer = { ms: performance.now() - start, ids: rows.map(({ id }) => id) };
  });
  return answer!;
}
