import { readFile } from "node:fs/promises";
import path from "node:path";
import { App } from "@supabase/lite";
import type { LocalDatabase } from "../../src/local/database/local-database.ts";
import { openPostgres } from "../../src/local/database/open-postgres.ts";
import { connectPostgres } from "../../src/local/database/suitable-postgres.ts";
import { applyMigrations, readMigrations } from "../../src/local/migrations.ts";
import { StartError } from "../../src/local/start-error.ts";

/** How many users the queries run as. They are spread evenly over all users, and are the same in every database. */
export const measuredUsers = 50;

export interface BenchDatabase extends AsyncDisposable {
  url: string;
  thoughts: number;
  /** The `users.id` of the measured users. */
  measured: string[];
}

/**
 * Makes a migrated database, filled, vacuumed and analysed. Each user has five circles, and one thought in six is in
 * none. The users take turns, so that the thoughts of one user are on different pages, as in practice.
 */
export async function createBenchDatabase(
  adminUrl: string,
  size: { users: number; thoughtsPerUser: number },
): Promise<BenchDatabase> {
  const thoughts = size.users * size.thoughtsPerUser;
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
        `select md5('measured ' || n)::uuid::text as id from generate_series(0, ${measuredUsers - 1}) as n`,
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
        "The role of DATABASE_URL is not a superuser.",
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

/** Makes a user id. The measured users have the same ids for any number of other users. */
function userId(user: string, users: number): string {
  const step = Math.floor(users / measuredUsers);
  const isMeasured = `${user} % ${step} = 0 and ${user} / ${step} < ${measuredUsers}`;
  return `md5(case when ${isMeasured} then 'measured ' || ${user} / ${step} else 'person ' || ${user} end)::uuid`;
}

async function load(database: LocalDatabase, { users, thoughtsPerUser }: { users: number; thoughtsPerUser: number }) {
  const thoughts = users * thoughtsPerUser;
  await database.run(`
    insert into auth.users (id, email)
    select ${userId("person", users)}, 'person' || person || '@example.com'
    from generate_series(0, ${users - 1}) as person
  `);
  await database.transaction((transaction) =>
    transaction.run(`
      set local session_replication_role = replica;

      insert into public.circles (id, user_id, circle_name)
      overriding system value
      select person * 5 + circle, ${userId("person", users)}, 'Circle ' || circle
      from generate_series(0, ${users - 1}) as person, generate_series(1, 5) as circle;

      insert into public.thoughts (user_id, circle_id, thought_text, tags, created_at, updated_at)
      select
        ${userId("person", users)},
        person * 5 + nullif(n / ${users} % 6, 0),
        repeat('What I thought about today, number ' || n || '. ', 3),
        array['family', 'work'],
        captured_at,
        captured_at
      from
        generate_series(0, ${thoughts - 1}) as n,
        -- Multiplied by a prime, everybody has a turn in each round, and neighbours are not side by side.
        lateral (select (n * 7919::bigint) % ${users} as person) as someone,
        lateral (select timestamptz '2026-11-21' - (${thoughts} - n) * interval '10 seconds' as captured_at) as clock;
    `),
  );
  for (const table of ["public.users", "public.circles", "public.thoughts"]) {
    await database.query(`vacuum (analyze) ${table}`);
  }
  await database.query("checkpoint");
  await refuseUnevenShares(database, thoughtsPerUser);
}

async function refuseUnevenShares(database: LocalDatabase, thoughtsPerUser: number): Promise<void> {
  const [shares] = await database.query<{ least: number; most: number }>(
    "select min(n) as least, max(n) as most from (select count(*) as n from public.thoughts group by user_id) as share",
  );
  if (shares!.least === thoughtsPerUser && shares!.most === thoughtsPerUser) return;
  throw new Error(
    `Each user must have ${thoughtsPerUser} thoughts, but users have ${shares!.least} to ${shares!.most}.`,
  );
}
