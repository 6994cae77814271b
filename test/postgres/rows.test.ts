/**
 * The bug of postgres.js after a query that failed in the middle of its rows: it puts as many holes before the next
 * rows.
 */
import { sql as raw } from "kysely";
import { afterAll, expect, test } from "vitest";
import { jobQueueOverPostgres } from "../../src/node/postgres/job-queue-over-postgres.ts";
import { openConnection } from "../../src/node/postgres/open-connection.ts";
import { createProject } from "./setup/create-project.ts";

const project = await createProject();
afterAll(() => project[Symbol.asyncDispose]());

const failsAtTheThirdRow = "select 1 / (3 - n) from generate_series(1, 5) as n";

test("the driver still has the bug", async () => {
  await using connection = open();

  await expect(connection.sql.unsafe(failsAtTheThirdRow)).rejects.toMatchObject({ code: "22012" });

  const rows = await connection.sql`select 1 as one`;
  expect(Object.keys(rows)).toEqual(["2"]);
});

test("a worker gets its answer", async () => {
  await using connection = open();
  const queue = jobQueueOverPostgres(connection.sql);

  await expect(connection.sql.unsafe(failsAtTheThirdRow)).rejects.toMatchObject({ code: "22012" });

  const batch = { workerId: "worker", results: [], batchSize: 1, leaseSeconds: 60 };
  expect(await queue.exchange(batch)).toEqual({ claimed: [], refused: [], picked: 0 });
});

test("a worker whose session ends while it reads rows asks again, and gets its answer", async () => {
  await using connection = open();
  const queue = jobQueueOverPostgres(connection.sql);
  const cutOff =
    "select case when n = 3 then pg_terminate_backend(pg_backend_pid()) end from generate_series(1, 5) as n";

  await expect(connection.sql.unsafe(cutOff)).rejects.toMatchObject({ code: expect.stringMatching(/57P01|CONN/) });

  await expect.poll(() => queue.prices("offline").catch(() => undefined)).toMatchObject({});
});

test("the embedded stack on a separate Postgres gets its rows", async () => {
  const { query, connection } = project.database;
  const { kysely } = connection;

  await expect(query(failsAtTheThirdRow)).rejects.toMatchObject({ code: "22012" });
  expect(await query("select 1 as one")).toEqual([{ one: 1 }]);
  await expect(raw.raw(failsAtTheThirdRow).execute(kysely)).rejects.toMatchObject({ code: "22012" });
  expect((await raw`select 1 as one`.execute(kysely)).rows).toEqual([{ one: 1 }]);
});

function open() {
  const sql = openConnection(project.url, 1);
  return { sql, [Symbol.asyncDispose]: () => sql.end() };
}
