/**
 * Compares the job queue with Graphile Worker and pg-boss on the same Postgres, as ratios.
 *
 *   DATABASE_URL=postgresql://… npm run bench:jobs -- [--repetitions 5] [--quick] [--only <part of a name>]
 *     [--chart] [--limits]
 *
 * It needs a native Postgres 15 or later with pgvector, and a superuser. It makes a database on that server and drops
 * it. Every repetition runs both sides of every measure, one right after the other, in alternating order. A ratio is
 * computed within a repetition. The table shows medians. The benchmark does not fail because something was slow. --soak
 * fails if a job was lost, was run twice, or met a deadlock.
 *
 * --quick runs a tenth of the jobs. --chart writes docs/images/bench-jobs.svg. --limits measures instead what the
 * tables allow without the functions. --soak runs 12 × 20,000 jobs at batch 1 in 16 loops.
 */
import { drawRatios } from "./chart.ts";
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { StartError } from "../src/local/start-error.ts";
import { createBenchDatabase } from "./jobs/create-bench-database.ts";
import { makeLimits } from "./jobs/limits.ts";
import { type Measure, makeMeasures } from "./jobs/measures.ts";
import { summarize, toMarkdown } from "./jobs/report.ts";
import { soak } from "./jobs/soak.ts";

const chart = path.resolve(import.meta.dirname, "../docs/images/bench-jobs.svg");

async function main(): Promise<void> {
  const { databaseUrl, repetitions, quick, only, drawsChart, showsLimits, isSoak } = readOptions();
  await using database = await createBenchDatabase(databaseUrl);
  if (isSoak) return await soak(database, quick ? { rounds: 2, jobs: 2000 } : { rounds: 12, jobs: 20_000 });

  const scale = quick ? 0.1 : 1;
  const measures = (showsLimits ? makeLimits : makeMeasures)({
    batched: 20_000 * scale,
    single: 4000 * scale,
    bulk: 20_000 * scale,
    finished: 1_000_000 * scale,
    drained: 40_000 * scale,
    latencies: 200 * scale,
  }).filter(({ name }) => name.includes(only));
  const runs = new Map<Measure, { measured: number; baseline: number }[]>(measures.map((measure) => [measure, []]));
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const measure of measures) {
      console.error(`Repetition ${repetition + 1} of ${repetitions}: ${measure.name}`);
      runs.get(measure)!.push(await measure.run(database, repetition % 2 === 1));
    }
  }

  const results = [...runs].map(([measure, values]) => summarize(measure, values));
  const [{ version }] = await database.sql<[{ version: string }]>`
    select current_setting('server_version') as version
  `;
  console.log(
    `\n${toMarkdown(results)}\n\nMedians of ${repetitions}, Postgres ${version}, Node ${process.versions.node}, ` +
      `${availableParallelism()} cores, shared by clients and server; use the ratios.`,
  );
  if (drawsChart && !showsLimits) {
    await mkdir(path.dirname(chart), { recursive: true });
    await writeFile(
      chart,
      await drawRatios(results.map(({ name, ratio, target, met }) => ({ name, ratio, target, isMet: met }))),
    );
  }
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      repetitions: { type: "string", default: "5" },
      quick: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      chart: { type: "boolean", default: false },
      limits: { type: "boolean", default: false },
      soak: { type: "boolean", default: false },
    },
  });
  const databaseUrl = process.env.DATABASE_URL;
  if (!databaseUrl) {
    throw new StartError(
      "DATABASE_URL is not set. It names a native Postgres 15 or later with pgvector, as a superuser.",
      "On Debian: DATABASE_URL=$(sudo bash scripts/prepare-debian-postgres.sh | tail -n 1) npm run bench:jobs",
    );
  }
  const repetitions = Number(values.repetitions);
  if (!Number.isInteger(repetitions) || repetitions < 1) {
    throw new StartError(`--repetitions ${values.repetitions}`, "It must be a whole number, at least 1.");
  }
  return {
    databaseUrl,
    repetitions,
    quick: values.quick,
    only: values.only,
    drawsChart: values.chart,
    showsLimits: values.limits,
    isSoak: values.soak,
  };
}

await main().catch((error: unknown) => {
  if (!(error instanceof StartError)) throw error;
  console.error(`${error.message}\n${error.remedy}`);
  process.exitCode = 1;
});
