/**
 * Measures recall, completeness and time when one user's memories are searched among those of all users. It compares
 * them with exact search, and with indexes over the vectors of all users.
 *
 *   DATABASE_URL=postgresql://… npm run bench:search -- [--quick] [--repetitions 3] [--chart]
 *
 * It needs a native Postgres 15 or later with pgvector, a superuser, 8 GB of disk and about 17 minutes: 200,000
 * memories of 200 users, twice. --quick uses a tenth of the users. It makes databases on that server and drops them.
 * --chart writes docs/images/bench-search.svg. hnswlib-node is compared too if it is installed: npm install --prefix
 * bench.
 *
 * Every repetition runs each of the same queries in all ways, one right after the other. The benchmark does not fail
 * because something was slow.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { StartError } from "../src/local/start-error.ts";
import { createBenchDatabase } from "./search/create-bench-database.ts";
import type { SizeClass } from "./search/load-memories.ts";
import { buildIndexes, measureGrowth, measureInserts, measureSearch } from "./search/measures.ts";
import { type Finding, drawChart, findingsOf, findingsTable, resultsTable } from "./search/report.ts";
import { ways } from "./search/ways.ts";

const all: SizeClass[] = [
  { userCount: 5, rows: 20_000 },
  { userCount: 15, rows: 3_000 },
  { userCount: 30, rows: 800 },
  { userCount: 50, rows: 300 },
  { userCount: 100, rows: 160 },
];
/** The largest user, and a tenth of the others. */
const few = all.map(({ userCount, rows }) => ({ userCount: Math.max(1, Math.round(userCount / 10)), rows }));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      chart: { type: "boolean", default: false },
      repetitions: { type: "string", default: "3" },
    },
  });
  const databaseUrl = process.env.DATABASE_URL;
  if (!databaseUrl) {
    throw new StartError(
      "DATABASE_URL is not set. It names a native Postgres 15 or later with pgvector, as a superuser.",
      "On Debian: DATABASE_URL=$(sudo bash scripts/prepare-debian-postgres.sh | tail -n 1) npm run bench:search",
    );
  }
  const repetitions = Number(values.repetitions);
  if (!Number.isInteger(repetitions) || repetitions < 1) {
    throw new StartError(`--repetitions ${values.repetitions}`, "It must be a whole number, at least 1.");
  }
  const classes = values.quick ? few : all;
  const options = { repetitions, queriesPerUser: 5 };

  const findings: Finding[] = [];
  for (const mixture of ["clustered", "isotropic", "lexical"] as const) {
    await using database = await createBenchDatabase(databaseUrl, classes, mixture);
    if (mixture !== "clustered") {
      const results = await measureSearch(database, mixture, ["exact", "api"], options);
      console.log(`\n${mixture}\n\n${resultsTable(results)}`);
      findings.push(...findingsOf(mixture, results));
      continue;
    }
    console.error("Building the indexes");
    const indexes = await buildIndexes(database.sql);
    const results = await measureSearch(database, mixture, Object.keys(ways), options);
    console.log(`\n${mixture}\n\n${resultsTable(results)}`);
    findings.push(...findingsOf(mixture, results));
    const { codes, hnsw } = indexes;
    const inserts = await measureInserts(database.sql, repetitions * 5);
    await using small = await createBenchDatabase(
      databaseUrl,
      few.map(({ rows }) => ({ userCount: 1, rows })),
      mixture,
    );
    const growth = await measureGrowth(small, database, mixture, repetitions * 2);
    findings.push(
      { name: "index bytes : HNSW", ratio: codes.bytes / hnsw.bytes, atMost: 0.1, stretch: 0.05 },
      { name: "build time : HNSW", ratio: codes.seconds / hnsw.seconds, atMost: 0.05, stretch: 0.01 },
      { name: "insert with embedding : with an HNSW index", ratio: inserts.ours / inserts.hnsw, atMost: 0.33 },
      { name: "many more users : the same user alone", ratio: growth.many / growth.few, atMost: 1.3, stretch: 1.1 },
    );
    for (const [name, { bytes, seconds }] of Object.entries(indexes)) {
      console.log(`index ${name}: ${Math.round(bytes / 2 ** 20)} MB, built in ${seconds.toFixed(1)} s`);
    }
  }
  console.log(`\n${findingsTable(findings)}`);
  if (values.chart) await writeFile("docs/images/bench-search.svg", await drawChart(findings));
}

await main().catch((error: unknown) => {
  if (!(error instanceof StartError)) throw error;
  console.error(`${error.message}\n${error.remedy}`);
  process.exitCode = 1;
});
