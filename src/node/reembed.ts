/** Moves all texts to another embedding model: see `npm run reembed -- --help` and docs/guides/embeddings.md. */
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { QueueError } from "../shared/queue-error.ts";
import { EmbeddingError } from "../embeddings/embedding-error.ts";
import type { EmbeddingModel } from "../embeddings/embedding-model.ts";
import { embeddingModelByName } from "../embeddings/embedding-model-by-name.ts";
import type { EmbeddingModels, EmbeddingQueue } from "../embeddings/embedding-queue.ts";
import { lexicalModelName } from "../embeddings/lexical-model.ts";
import { runEmbeddingWorker } from "../embeddings/embedding-worker.ts";
import { connectEmbeddingQueue } from "./reembed/connect-embedding-queue.ts";
import { showProgress } from "./reembed/progress.ts";
import { stopOnSignal } from "./stop-on-signal.ts";
import { CannotReembed, help, readOptions, type ReembedOptions } from "./reembed/read-options.ts";

type Queue = EmbeddingQueue & EmbeddingModels;

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.task === "help") return console.log(help);
  const connection = connectEmbeddingQueue(options, process.env);
  const { queue } = connection;
  try {
    if (options.task === "status") await printStatus(queue);
    else if (options.task === "rollback") await rollBack(queue, options.model);
    else if (options.task === "drop") await drop(queue, options.model!);
    else await move(queue, options);
  } catch (error) {
    if (!(error instanceof QueueError)) throw error;
    const what = error.isTransient ? "The database can't be reached" : "The database refused";
    throw new CannotReembed(
      `${what}: ${error.message} (${error.code})\n\nCheck ${connection.name}, and that all migrations are applied.`,
      { cause: error },
    );
  } finally {
    await connection.close();
  }
}

async function printStatus(queue: Queue): Promise<void> {
  const rows = [["MODEL", "STATE", "EMBEDDED", "WAITING", "GIVEN UP"]];
  for (const { name, state } of await queue.models()) {
    const { embedded, pending, failed } = await queue.progress(name);
    rows.push([name, state, String(embedded), String(pending - failed), String(failed)]);
  }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    );
}

/** Switches back to the model that was active before. Its embeddings were kept up to date. */
async function rollBack(queue: Queue, wanted: string | undefined): Promise<void> {
  const models = await queue.models();
  const former = models.filter(({ state }) => state === "former").map(({ name }) => name);
  const name = wanted ?? former[0];
  if (wanted === undefined && former.length > 1) {
    throw new CannotReembed(`Several models were active before: ${former.join(", ")}. Choose one with --model.`);
  }
  if (name === undefined || !former.includes(name)) {
    throw new CannotReembed(`${name ?? "No model"} was active before and still exists. See --status.`);
  }
  await queue.switchTo(name);
  console.log(`Searches use ${name} again.`);
}

async function drop(queue: Queue, name: string): Promise<void> {
  const models = await queue.models();
  if (models.some((model) => model.name === name && model.state === "active")) {
    throw new CannotReembed(
      `${name} is the active model. Move to another one first: npm run reembed -- --model <name>`,
    );
  }
  const isKnown = models.some((model) => model.name === name);
  let vectors = 0;
  for (let deleted = 1; deleted > 0; vectors += deleted) deleted = await queue.drop(name, 5000);
  if (!isKnown && vectors === 0) throw new CannotReembed(`There is no model ${name}. See --status.`);
  console.log(`${name} is dropped, with ${vectors} vectors.`);
}

async function move(queue: Queue, { model: name, batch, force, switches }: ReembedOptions): Promise<void> {
  const model = await probe(name!);
  const stop = stopOnSignal();
  const before = (await queue.models()).find(({ state }) => state === "active")!.name;
  await addPriced(queue, model.name);
  // An earlier run may have given texts up because of the provider.
  if ((await queue.progress(model.name)).failed > 0) await queue.retryFailed();

  for (;;) {
    const left = await fill(queue, model, batch, stop);
    if (stop.aborted) {
      console.log(`Stopped. Nothing is lost: the same command continues, and ${before} is still active.`);
      return;
    }
    if (!switches)
      return console.log(`${model.name} is filled. npm run reembed -- --model ${model.name} switches to it.`);
    if (left > 0 && !force) {
      throw new CannotReembed(
        `${left} text${left > 1 ? "s have" : " has"} no vector, so ${before} is still active. The same command tries again; ` +
          "with --force it switches all the same, and searches by meaning miss what has no vector.",
      );
    }
    try {
      await queue.switchTo(model.name, force);
      return console.log(switchedMessage(model.name, before));
    } catch (error) {
      // Somebody has just written a text that has no embedding yet.
      if (!(error instanceof QueueError && error.code === "GW904")) throw error;
    }
  }
}

/** Requires a price for the model. When it is active, users pay for its embeddings, and an unknown price is not 0. */
async function addPriced(queue: Queue, name: string): Promise<void> {
  try {
    await queue.add(name);
  } catch (error) {
    if (!(error instanceof QueueError && error.code === "GW801")) throw error;
    throw new CannotReembed(
      `${name} has no price. Set what a million tokens cost in US dollars (0 if they are free), and try again:\n\n` +
        `  select public.set_model_price('${name.replaceAll("'", "''")}', 'embedding', 0.02);`,
      { cause: error },
    );
  }
}

/** Embeds one text before anything is written, so that a model of another width causes no cost. */
async function probe(name: string): Promise<EmbeddingModel> {
  try {
    const model = embeddingModelByName(name, process.env, { timeoutMs: 60_000 });
    const [embedded] = (await model.embed(["Groundwork"])).embedded;
    if (embedded && "error" in embedded) throw embedded.error;
    return model;
  } catch (error) {
    if (!(error instanceof EmbeddingError)) throw error;
    throw new CannotReembed(`${name} can't be used: ${error.message} (${error.code})`, { cause: error });
  }
}

/** Runs until every text has an embedding or was given up. Returns how many were given up. */
async function fill(
  queue: Queue,
  model: EmbeddingModel,
  batch: number | undefined,
  stop: AbortSignal,
): Promise<number> {
  const workerId = `reembed/${hostname()}/${process.pid}/${crypto.randomUUID().slice(0, 8)}`;
  const { pending } = await queue.progress(model.name);
  const progress = showProgress(model.name, pending);
  try {
    let hasSaidWhy = false;
    for (let done = 0; ;) {
      const { stored, faults } = await runEmbeddingWorker(queue, () => model, {
        workerId,
        model: model.name,
        batchSize: batch,
        signal: stop,
        onBatch: (summary) => progress.update(done + summary.stored),
        onFailure: ({ kind, id }, { message, code }) =>
          progress.log(`${kind} (${id} in the queue): ${message} (${code})`),
      });
      done += stored;
      if (stop.aborted) return 0;
      const [fault] = faults;
      if (fault && !fault.error.retryable) throw new CannotReembed(`${fault.error.message} (${fault.error.code})`);
      const left = await queue.progress(model.name);
      if (left.pending === left.failed + left.unpaid) return left.failed;
      const waitMs = fault ? Math.max(fault.error.retryAfterMs ?? 0, 10_000) : 1000;
      if (fault) progress.log(`${fault.error.message} Trying again in ${Math.ceil(waitMs / 1000)} seconds.`);
      else if (stored === 0 && !hasSaidWhy) {
        hasSaidWhy = true;
        progress.log(
          `Waiting for ${left.pending - left.failed - left.unpaid} texts that another worker has claimed, or that failed before.`,
        );
      }
      await delay(waitMs, undefined, { signal: stop }).catch(() => {});
    }
  } finally {
    progress.end();
  }
}

function switchedMessage(name: string, before: string): string {
  if (name === before) return `${name} is active, and has a vector of every text.`;
  const lines = [
    `Searches use ${name} from now on. ${before} is kept up to date as well.`,
    "",
    `  Back to it at once:      npm run reembed -- --rollback`,
    `  When it is not needed:   npm run reembed -- --model ${before} --drop`,
  ];
  if (name === lexicalModelName) return lines.join("\n");
  return [...lines, "", "The Edge Functions need AI_BASE_URL and AI_API_KEY: npx supabase secrets set …"].join("\n");
}

await main().catch((error: unknown) => {
  if (!(error instanceof CannotReembed)) throw error;
  console.error(error.message);
  // process.exit() is not used, because V8 can deadlock if the process is ended while V8 still compiles in the
  // background.
  process.exitCode = 1;
});
