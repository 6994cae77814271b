import type postgres from "postgres";
import type { Answer } from "./ways.ts";
import { width } from "./vectors.ts";

/**
 * The part of hnswlib-node that is used. It is declared here, because the package need not be installed for a type
 * check.
 */
interface Hnswlib {
  HierarchicalNSW: new (
    space: "cosine",
    width: number,
  ) => {
    initIndex(elements: number, m: number, efConstruction: number): void;
    addPoint(vector: number[], label: number): void;
    setEf(ef: number): void;
    searchKnn(vector: number[], count: number, filter: (label: number) => boolean): { neighbors: number[] };
  };
}

type Ask = (user: string, query: Float32Array) => Answer;

/**
 * Loads the vectors of all users into hnswlib in this process, with a filter by owner. Returns undefined if the package
 * `hnswlib-node` is missing. It is compiled when it is installed: `npm install --prefix bench`.
 */
export async function openHnswlib(sql: postgres.Sql): Promise<Ask | undefined> {
  const name = "hnswlib-node";
  const loaded: { default: Hnswlib } | undefined = await import(name).catch(() => undefined);
  if (!loaded) return undefined;
  const { HierarchicalNSW } = loaded.default;
  const [total] = await sql<{ count: number }[]>`select count(*)::integer as count from public.exact`;
  const index = new HierarchicalNSW("cosine", width);
  index.initIndex(total!.count, 16, 64);
  const ids: string[] = [];
  const owners: string[] = [];
  const rows = sql<{ user_id: string; id: string; embedding: string }[]>`
    select user_id, id, embedding::text from public.exact
  `;
  await rows.cursor(500, (batch) => {
    for (const { user_id, id, embedding } of batch) {
      index.addPoint(JSON.parse(embedding) as number[], ids.length);
      ids.push(id);
      owners.push(user_id);
    }
  });
  index.setEf(40);
  return (user, query) => {
    const start = performance.now();
    const { neighbors } = index.searchKnn([...query], 10, (label) => owners[label] === user);
    return { ms: performance.now() - start, ids: neighbors.map((label) => ids[label]!) };
  };
}
