import type postgres from "postgres";
import { type VectorRow, copyVectors } from "./copy-vectors.ts";
import { type Mixture, vectorSource } from "./vectors.ts";

/** The number of users who have this number of memories. */
export interface SizeClass {
  userCount: number;
  rows: number;
}

/** The model that searches use. */
const model = "groundwork-lexical-1";

/** Returns `users.id` by size class. They are the same in every database. */
export function usersOf(classes: SizeClass[]): string[][] {
  return classes.map(({ userCount }, size) =>
    Array.from({ length: userCount }, (_, index) => idOf(1, size * 1000 + index)),
  );
}

/**
 * Fills a migrated database with users, their memories and the embeddings, vacuumed and analysed. The users take turns,
 * so that the rows of one user are on different pages, as in practice. It also makes a table `exact`, with the same
 * vectors as `vector(1536)` and a btree index on the owner.
 */
export async function loadMemories(sql: postgres.Sql, classes: SizeClass[], mixture: Mixture): Promise<void> {
  const users = usersOf(classes);
  await sql`
    insert into public.users (id, clerk_user_id, email, name)
    select person, 'bench_' || person, person || '@example.com', 'Bench'
    from unnest(${users.flat()}::uuid[]) as person
  `;
  await sql.unsafe(`
    create table public.exact (user_id uuid not null, id uuid not null, embedding extensions.vector(1536) not null);
  `);
  await copyVectors(sql, "public.exact", { type: "vector", same: [] }, rowsInTurns(classes, users, mixture));
  await sql.begin(async (transaction) => {
    await transaction`set local session_replication_role = replica`;
    await transaction`
      insert into public.personal_memories (id, user_id, content, valid_from)
      select id, user_id, 'What I remember, number ' || id, '2026-01-01' from public.exact
    `;
    const columns = "public.memory_embeddings (user_id, memory_id, model_used, content_hash, embedding)";
    const rows = rowsInTurns(classes, users, mixture);
    await copyVectors(
      transaction as unknown as postgres.Sql,
      columns,
      { type: "halfvec", same: [model, "hash"] },
      rows,
    );
  });
  await sql`create index on public.exact (user_id)`;
  for (const table of ["public.exact", "public.personal_memories", "public.memory_embeddings"]) {
    await sql.unsafe(`vacuum (analyze) ${table}`);
  }
  await sql`checkpoint`;
}

/** The vectors of each user are a sequence of their own, which is the same in every database. */
function* rowsInTurns(classes: SizeClass[], users: string[][], mixture: Mixture): Generator<VectorRow> {
  const sources = classes.flatMap(({ rows }, size) =>
    users[size]!.map((userId, index) => {
      const number = size * 1000 + index;
      return { userId, number, rows, source: vectorSource(mixture, number + 1) };
    }),
  );
  const maxRows = Math.max(...classes.map(({ rows }) => rows));
  for (let round = 0; round < maxRows; round += 1) {
    for (const { userId, number, rows, source } of sources) {
      if (round < rows) yield { userId, id: idOf(2 + number, round), vector: source.next(number) };
    }
  }
}

/** Makes queries from the topics of a user, with a random sequence of their own. */
export function queriesOf(size: number, userIndex: number, mixture: Mixture, count: number): Float32Array[] {
  const number = size * 1000 + userIndex;
  const source = vectorSource(mixture, 500_000 + number);
  return Array.from({ length: count }, () => source.next(number));
}

function idOf(space: number, number: number): string {
  const hex = (value: number, length: number) => value.toString(16).padStart(length, "0");
  return `${hex(space, 8)}-0000-4000-8000-${hex(number, 12)}`;
}
