/**
 * Measures which part of the time of embedding is the provider's.
 *
 *   DATABASE_URL=postgresql://… npm run bench:embed -- [--texts 2000] [--repetitions 5]
 *
 * It needs a native Postgres 15 or later with pgvector, and a superuser. It makes a database on that server and drops
 * it. A provider on loopback answers every batch of 100 texts after a fixed time. The provider's share is the time in
 * which it works on at least one batch, divided by the time from the first claim to the last stored embedding. Sending
 * and reading do not count as the provider's time. The benchmark does not fail because something was slow.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import postgres from "postgres";
import type { EmbeddingModel } from "../src/embeddings/embedding-model.ts";
import { lexicalModel, lexicalModelName } from "../src/embeddings/lexical-model.ts";
import { providerModel } from "../src/embeddings/provider-model.ts";
import { runEmbeddingWorker } from "../src/embeddings/embedding-worker.ts";
import { StartError } from "../src/local/start-error.ts";
import { embeddingQueueOverPostgres } from "../src/node/postgres/embedding-queue-over-postgres.ts";
import type { ProviderWork } from "./embed/slow-provider.ts";
import { type BenchDatabase, createBenchDatabase } from "./jobs/create-bench-database.ts";

const latencies = [100, 300, 1000];

async function main(): Promise<void> {
  const { databaseUrl, texts, repetitions } = readOptions();
  await using database = await createBenchDatabase(databaseUrl);
  await writeThoughts(database, texts);

  const shares = new Map<number, number[]>(latencies.map((latency) => [latency, []]));
  const offline: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    for (const latencyMs of latencies) {
      console.error(`Repetition ${repetition + 1} of ${repetitions}: ${latencyMs} ms`);
      shares.get(latencyMs)!.push(await measureShare(database, texts, latencyMs));
    }
    offline.push((texts / (await measure(database, texts, lexicalModel()))) * 1000);
  }

  const [{ version }] = await database.sql<[{ version: string }]>`select current_setting('server_version') as version`;
  console.log("\n| the provider takes, a batch of 100 | its share of the time | target |        |");
  console.log("| ---------------------------------: | --------------------: | -----: | ------ |");
  for (const [latencyMs, measured] of shares) {
    const share = median(measured);
    console.log(`| ${latencyMs} ms | ${share.toFixed(3)} | >= 0.90 | ${share >= 0.9 ? "met" : "missed"} |`);
  }
  console.log(`\nThe offline model: ${Math.round(median(offline))} texts a second, stored.`);
  console.log(
    `\nMedians of ${repetitions}, ${texts} texts, Postgres ${version}, Node ${process.versions.node}, ` +
      `${availableParallelism()} cores, shared by provider, worker and server.`,
  );
}

async function writeThoughts({ sql, users }: BenchDatabase, count: number): Promise<void> {
  await sql`
    insert into public.thoughts (user_id, thought_text)
    select (${users}::uuid[])[1 + n % ${users.length}], 'Thought ' || n || ' about ' || repeat(md5(n::text) || ' ', 8)
    from generate_series(1, ${count}::integer) as n
  `;
}

async function measureShare(database: BenchDatabase, texts: number, latencyMs: number): Promise<number> {
  const script = path.join(import.meta.dirname, "embed", "slow-provider.ts");
  const provider = spawn(process.execPath, [script, String(latencyMs)], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [port] = (await once(createInterface({ input: provider.stdout }), "line")) as [string];
    const url = `http://127.0.0.1:${port}`;
    const done = async () => (await (await fetch(url)).json()) as ProviderWork;
    const model = providerModel({ baseUrl: `${url}/v1`, apiKey: "bench", model: "bench" });
    await model.embed(Array.from({ length: model.maxBatch }, () => "warm"));
    const before = await done();
    const took = await measure(database, texts, model);
    const after = await done();
    const requests = after.requests - before.requests;
    if (requests !== Math.ceil(texts / model.maxBatch)) throw new Error(`${requests} requests for ${texts} texts.`);
    return (after.busyMs - before.busyMs) / took;
  } finally {
    provider.kill();
  }
}

/**
 * Returns the milliseconds from the first claim to the last embedding, when all texts are queued and none has an
 * embedding.
 */
async function measure({ sql, url }: BenchDatabase, texts: number, model: EmbeddingModel): Promise<number> {
  await sql`truncate public.thought_embeddings`;
  await sql`truncate groundwork.embedding_queue`;
  await sql`
    insert into groundwork.embedding_queue (user_id, thought_id, model_used)
    select user_id, id, ${lexicalModelName} from public.thoughts
  `;
  await sql`vacuum analyze groundwork.embedding_queue`;
  const own = postgres(url, { max: 2, onnotice: () => {} });
  try {
    const queue = embeddingQueueOverPostgres(own);
    await queue.models();
    const started = performance.now();
    const { stored } = await runEmbeddingWorker(queue, () => model, { workerId: "bench" });
    const took = performance.now() - started;
    if (stored !== texts) throw new Error(`${stored} of ${texts} vectors were stored.`);
    return took;
  } finally {
    await own.end();
  }
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)]!;
}

function readOptions() {
  const { values } = parseArgs({
    options: { texts: { type: "string", default: "2000" }, repetitions: { type: "string", default: "5" } },
  });
  const databaseUrl = process.env.DATABASE_URL;
  if (!databaseUrl) {
    throw new StartError(
      "DATABASE_URL is not set. It names a native Postgres 15 or later with pgvector, as a superuser.",
      "On Debian: DATABASE_URL=$(sudo bash scripts/prepare-debian-postgres.sh | tail -n 1) npm run bench:embed",
    );
  }
  const [texts, repetitions] = [Number(values.texts), Number(values.repetitions)];
  for (const [option, number] of Object.entries({ texts, repetitions })) {
    if (!Number.isInteger(number) || number < 1) {
      throw new StartError(`--${option} ${number}`, "It must be a whole number, at least 1.");
    }
  }
  return { databaseUrl, texts, repetitions };
}

await main().catch((error: unknown) => {
  if (!(error instanceof StartError)) throw error;
  console.error(`${error.message}\n${error.remedy}`);
  process.exitCode = 1;
});
