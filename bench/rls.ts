/**
 * Measures what row-level security costs, as ratios to the same queries without it.
 *
 *   DATABASE_URL=postgresql://… npm run bench:rls -- [--users 10000] [--thoughts-per-user 100] [--repetitions 20]
 *
 * It needs a native Postgres 15 or later with pgvector, and a superuser. It makes two databases on that server, with
 * all migrations: one with the thoughts of all users, and one with those of a hundred users. It drops both.
 *
 * Every repetition runs every query for each of the same 50 users. Both sides of a comparison run one right after the
 * other, in alternating order. A ratio is computed within a repetition, from the medians over the users. The table
 * shows the median of each column over the repetitions. The benchmark does not fail because something was slow.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { StartError } from "../src/local/start-error.ts";
import { type Comparison, makeComparisons, refuseOtherAnswers } from "./rls/comparisons.ts";
import { type BenchDatabase, createBenchDatabase, measuredUsers } from "./rls/create-bench-database.ts";
import { type Measurement, measure } from "./rls/measure.ts";
import { printTable } from "./rls/print-table.ts";
import { openClient } from "./rls/open-client.ts";

/** The number of users in the smaller database, to which the larger one is compared. */
const fewUsers = 100;

async function main(): Promise<void> {
  const { databaseUrl, users, thoughtsPerUser, repetitions } = readOptions();
  await using few = await createBenchDatabase(databaseUrl, { users: fewUsers, thoughtsPerUser });
  await using all = await createBenchDatabase(databaseUrl, { users, thoughtsPerUser });
  const [result, version] = await measureAll(all, few, repetitions);
  console.log(
    `\n${(users * thoughtsPerUser).toLocaleString("en")} thoughts of ${users.toLocaleString("en")} users, ` +
      `${measuredUsers} of them asked, medians of ${repetitions}, Postgres ${version}, Node ${process.versions.node}, ` +
      `${availableParallelism()} cores; use the ratios.\n`,
  );
  printTable(result);
}

async function measureAll(
  all: BenchDatabase,
  few: BenchDatabase,
  repetitions: number,
): Promise<[[Comparison, Measurement][], string]> {
  await using allClient = await openClient(all.url);
  await using fewClient = await openClient(few.url);
  for (const client of [allClient, fewClient]) await refuseOtherAnswers(client, all.measured);
  const comparisons = makeComparisons({
    all: allClient,
    few: fewClient,
    allName: all.thoughts.toLocaleString("en"),
    fewName: few.thoughts.toLocaleString("en"),
  });
  const result = await measure(comparisons, all.measured, repetitions, (repetition) =>
    console.error(`Repetition ${repetition} of ${repetitions}`),
  );
  return [result, allClient.version];
}

interface Options {
  databaseUrl: string;
  users: number;
  thoughtsPerUser: number;
  repetitions: number;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      users: { type: "string", default: "10000" },
      "thoughts-per-user": { type: "string", default: "100" },
      repetitions: { type: "string", default: "20" },
    },
  });
  const databaseUrl = process.env.DATABASE_URL;
  if (!databaseUrl) {
    throw new StartError(
      "DATABASE_URL is not set. It names a native Postgres 15 or later with pgvector, as a superuser.",
      "On Debian: DATABASE_URL=$(sudo bash scripts/prepare-debian-postgres.sh | tail -n 1) npm run bench:rls",
    );
  }
  const wholeNumber = (option: keyof typeof values, min: number) => {
    const value = Number(values[option]);
    if (Number.isInteger(value) && value >= min) return value;
    throw new StartError(`--${option} ${values[option]}`, `It must be a whole number, at least ${min}.`);
  };
  return {
    databaseUrl,
    users: wholeNumber("users", fewUsers),
    thoughtsPerUser: wholeNumber("thoughts-per-user", 1),
    repetitions: wholeNumber("repetitions", 1),
  };
}

await main().catch((error: unknown) => {
  if (!(error instanceof StartError)) throw error;
  console.error(`${error.message}\n${error.remedy}`);
  process.exitCode = 1;
});
