import { readFile } from "node:fs/promises";
import path from "node:path";
import { App } from "@supabase/lite";
import type { LocalDatabase } from "../../src/local/database/local-database.ts";
import { openPostgres } from "../../src/local/database/open-postgres.ts";
import { connectPostgres } from "../../src/local/database/suitable-postgres.ts";
import { applyMigrations, readMigrations } from "../../src/local/migrations.ts";
import { StartError } from "../../src/local/start-error.ts";

/** Of how many people the queries are measured: spread evenly over everybody, and the same in every database. */
export const measuredPeople = 50;

export interface BenchDatabase extends AsyncDisposable {
  url: string;
  thoughts: number;
  /** `users.id` of the people that are measured. */
  measured: string[];
}

/**
 * A migrated database of its own, filled, vacuumed and analysed. Each person has five circles, and one thought in six is
 * in none. Thoughts come in rounds of all people, so that those of one person lie on different pages, as in real life.
 */
export async function createBenchDatabase(
  adminUrl: string,
  size: { people: number; thoughtsPerPerson: number },
): Promise<BenchDatabase> {
  const thoughts = size.people * size.thoughtsPerPerson;
  const name = `groundwork_bench_${crypto.randomUUID().replaceAll("-", "")}`;
  await asAdmin(adminUrl, (admin) => admin.run(`create database "${name}"`));
  console.error(`Loading ${thoughts.toLocaleString("en")} thoughts into the database ${name}`);
  const drop = () => asAdmin(adminUrl, (admin) => admin.run(`drop database "${name}" with (force)`));

  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  try {
    const database = await openPostgres(url.href);
    try {
      await migrate(database);
      await load(database, size);
      const measured = await database.query<{ id: string }>(
        `select md5('measured ' || n)::uuid::text as id from generate_series(0, ${measuredPeople - 1}) as n`,
      );
      return { url: url.href, thoughts, measured: measured.map(({ id }) => id), [Symbol.asyncDispose]: drop };
    } finally {
      await database.close();
    }
  } catch (error) {
    await drop();
    throw error;
  }
}

async function asAdmin(url: string, work: (admin: LocalDatabase) => Promise<void>): Promise<void> {
  const admin = await connectPostgres(url);
  try {
    const [role] = await admin.query<{ rolsuper: boolean }>(
      "select rolsuper from pg_catalog.pg_roles where rolname = current_user",
    );
    if (!role!.rolsuper) {
      throw new StartError(
        "The role of DATABASE_URL is no superuser.",
        "The benchmark makes databases and fills them without triggers; use a server of your own.",
      );
    }
    await work(admin);
  } finally {
    await admin.close();
  }
}

async function migrate(database: LocalDatabase): Promise<void> {
  const root = path.join(import.meta.dirname, "..", "..");
  await new App({ connection: database.connection }).ensureSystemSchema();
  await database.run(await readFile(path.join(root, "src/local/database/platform.sql"), "utf8"));
  await applyMigrations(database, await readMigrations(path.join(root, "supabase/migrations")));
}

/** The people that are measured have the same ids whatever the number of the others is. */
function userId(person: string, people: number): string {
  const step = Math.floor(people / measuredPeople);
  const isMeasured = `${person} % ${step} = 0 and ${person} / ${step} < ${measuredPeople}`;
  return `md5(case when ${isMeasured} then 'measured ' || ${person} / ${step} else 'person ' || ${person} end)::uuid`;
}

async function load(
  database: LocalDatabase,
  { people, thoughtsPerPerson }: { people: number; thoughtsPerPerson: number },
) {
  const thoughts = people * thoughtsPerPerson;
  await database.run(`
    insert into auth.users (id, email)
    select ${userId("person", people)}, 'person' || person || '@example.com'
    from generate_series(0, ${people - 1}) as person
  `);
  await database.transaction((transaction) =>
    transaction.run(`
      set local session_replication_role = replica;

      insert into public.circles (id, user_id, circle_name)
      overriding system value
      select person * 5 + circle, ${userId("person", people)}, 'Circle ' || circle
      from generate_series(0, ${people - 1}) as person, generate_series(1, 5) as circle;

      insert into public.thoughts (user_id, circle_id, thought_text, tags, created_at, updated_at)
      select
        ${userId("person", people)},
        person * 5 + nullif(n / ${people} % 6, 0),
        repeat('What I thought about today, number ' || n || '. ', 3),
        array['family', 'work'],
        captured_at,
        captured_at
      from
        generate_series(0, ${thoughts - 1}) as n,
        -- Multiplied by a prime, everybody has a turn in each round, and neighbours are not side by side.
        lateral (select (n * 7919::bigint) % ${people} as person) as someone,
        lateral (select timestamptz '2026-11-21' - (${thoughts} - n) * interval '10 seconds' as captured_at) as clock;
    `),
  );
  for (const table of ["public.users", "public.circles", "public.thoughts"]) {
    await database.query(`vacuum (analyze) ${table}`);
  }
  await database.query("checkpoint");
  await refuseUnevenShares(database, thoughtsPerPerson);
}

async function refuseUnevenShares(database: LocalDatabase, thoughtsPerPerson: number): Promise<void> {
  const [shares] = await database.query<{ least: number; most: number }>(
    "select min(n) as least, max(n) as most from (select count(*) as n from public.thoughts group by user_id) as share",
  );
  if (shares!.least === thoughtsPerPerson && shares!.most === thoughtsPerPerson) return;
  throw new Error(`Not everybody has ${thoughtsPerPerson} thoughts, but ${shares!.least} to ${shares!.most}.`);
}
