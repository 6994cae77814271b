import { hostname } from "node:os";
import { parseArgs } from "node:util";
import { type AgentType, agentTypes } from "../agent-types.ts";
import { type AgentModel, modelFromEnvironment } from "../agents/index.ts";
import { jobQueueOverHttp } from "../jobs/job-queue-over-http.ts";
import type { ClaimedJob, JobQueue, JobResult } from "../jobs/job-queue.ts";
import { QueueError } from "../shared/queue-error.ts";
import { jobRunner } from "../agents/runtime/job-runner.ts";
import { pause } from "../shared/pause.ts";
import { tokenPrices } from "../agents/runtime/spend-cap.ts";
import { runJobWorker } from "../jobs/job-worker.ts";
import { createClient } from "../client/create-client.ts";
import { jobQueueOverPostgres } from "./postgres/job-queue-over-postgres.ts";
import { openConnection } from "./postgres/open-connection.ts";
import { stopOnSignal } from "./stop-on-signal.ts";
import { waitForNotifications } from "./postgres/wait-for-notifications.ts";

const help = `Works on agent jobs until it is stopped.

  npm run worker [-- options]

  --concurrency <n>  how many jobs run at once (default 5)
  --batch <n>        how many jobs one call claims (default: as many as run at once)
  --lease <seconds>  how long a lease lasts without a heartbeat (default 60)
  --types <a,b>      work on these agent types only
  --once             end when the queue is empty
  --help             show this

The queue: DATABASE_URL (a direct connection or a session pooler), or SUPABASE_URL and SUPABASE_SECRET_KEY.
The model: AI_BASE_URL, AI_API_KEY and AI_MODEL; without them agents work offline.

Ctrl-C stops claiming; running jobs have 20 seconds to finish. A second Ctrl-C gives them back at once.`;

/** The worker cannot start. The message says what to do. */
class CannotStart extends Error {}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) return console.log(help);
  const model = readModel();

  const workerId = `${hostname()}/${process.pid}/${crypto.randomUUID().slice(0, 8)}`;
  const connection = connect(workerId);
  try {
    await work(options, model, workerId, connection);
  } finally {
    await connection.close();
  }
}

async function work(options: CliOptions, model: AgentModel, workerId: string, connection: Connection): Promise<void> {
  const { queue } = connection;
  await requirePrices(queue, model);

  const abandon = new AbortController();
  const stop = stopOnSignal(() => abandon.abort());
  const waitForJobs = options.once ? undefined : await connection.waiter();
  console.log(`Working on agent jobs with the model ${model.name}. Ctrl-C stops it.`);
  const summary = await runJobWorker(queue, jobRunner(queue, model), {
    workerId,
    concurrency: options.concurrency,
    batchSize: options.batch,
    leaseSeconds: options.lease,
    agentTypes: options.types,
    stop,
    abandon: abandon.signal,
    waitForJobs,
    onResult: (job, result, refusal) => log(describe(job, result, refusal)),
    log,
  });
  const { completed, failed, released, refused } = summary;
  console.log(`${completed} completed, ${failed} failed, ${released} released, ${refused} refused.`);
}

interface CliOptions {
  concurrency: number;
  batch: number | undefined;
  lease: number;
  types: AgentType[] | undefined;
  once: boolean;
  help: boolean;
}

function readOptions(): CliOptions {
  try {
    const { values } = parseArgs({
      allowPositionals: false,
      options: {
        concurrency: { type: "string", default: "5" },
        batch: { type: "string" },
        lease: { type: "string", default: "60" },
        types: { type: "string" },
        once: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return {
      concurrency: readNumber("--concurrency", values.concurrency, 1000),
      batch: values.batch === undefined ? undefined : readNumber("--batch", values.batch, 1000),
      lease: readNumber("--lease", values.lease, 3600),
      types: values.types === undefined ? undefined : values.types.split(",").map(readType),
      once: values.once,
      help: values.help,
    };
  } catch (error) {
    throw new CannotStart(`${(error as Error).message}\n\n${help}`);
  }
}

function readNumber(option: string, text: string, max: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw new Error(`${option} ${text}: it takes a whole number from 1 to ${max}.`);
}

function readType(text: string): AgentType {
  const type = agentTypes.find((known) => known === text.trim());
  if (type) return type;
  throw new Error(`--types ${text}: the agent types are ${agentTypes.join(", ")}.`);
}

function readModel(): AgentModel {
  try {
    return modelFromEnvironment(process.env);
  } catch (error) {
    throw new CannotStart((error as Error).message);
  }
}

interface Connection {
  queue: JobQueue;
  /** Makes the function that waits for jobs while the queue is empty. */
  waiter(): Promise<(signal: AbortSignal) => Promise<void>>;
  close(): Promise<void>;
}

function connect(workerId: string): Connection {
  const { DATABASE_URL, SUPABASE_URL, SUPABASE_SECRET_KEY } = process.env;
  if (DATABASE_URL) {
    if (!URL.canParse(DATABASE_URL))
      throw new CannotStart("DATABASE_URL is not a URL of the form postgresql://user:password@host/database.");
    // Three connections: for results, for heartbeats and for reads of jobs. Listening has another one.
    const sql = openConnection(DATABASE_URL, 3);
    return {
      queue: jobQueueOverPostgres(sql),
      waiter: () => waitForNotifications(sql, workerId),
      close: () => sql.end({ timeout: 5 }),
    };
  }
  if (SUPABASE_URL && SUPABASE_SECRET_KEY) {
    if (!URL.canParse(SUPABASE_URL))
      throw new CannotStart("SUPABASE_URL is not a URL of the form https://<project>.supabase.co.");
    const client = createClient(SUPABASE_URL, SUPABASE_SECRET_KEY, {
      auth: { persistSession: false, autoRefreshToken: false },
    });
    return {
      queue: jobQueueOverHttp(client),
      waiter: async () => (signal) => pause(1000, signal),
      close: async () => {},
    };
  }
  throw new CannotStart(
    "There is no job queue. Set DATABASE_URL (npm start prints it as Database), " +
      "or SUPABASE_URL and SUPABASE_SECRET_KEY.",
  );
}

/** Without a price, the worker would claim every job only to fail it. */
async function requirePrices(queue: JobQueue, model: AgentModel): Promise<void> {
  try {
    tokenPrices(model.name, await queue.prices(model.name));
  } catch (error) {
    const { message } = error as Error;
    if (!(error instanceof QueueError)) throw new CannotStart(message);
    const names = process.env.DATABASE_URL ? "DATABASE_URL" : "SUPABASE_URL and SUPABASE_SECRET_KEY";
    throw new CannotStart(
      `The queue can't be used: ${message} (${error.code})\n\nCheck ${names}, and that all migrations are applied.`,
    );
  }
}

function describe({ id, agent_type }: ClaimedJob, result: JobResult, refusal: string | undefined): string {
  const tokens = result.usage.reduce((sum, { quantity }) => sum + quantity, 0);
  const job = `${agent_type} ${id}`;
  if (refusal !== undefined) return `${job} lost (${refusal})`;
  return `${job} ${result.outcome}, ${tokens} tokens${result.outcome === "failed" ? `: ${result.error_message}` : ""}`;
}

function log(line: string): void {
  console.log(`${new Date().toTimeString().slice(0, 8)} ${line}`);
}

await main().catch((error: unknown) => {
  if (!(error instanceof CannotStart)) throw error;
  console.error(error.message);
  // process.exit() is not used, because V8 can deadlock if the process is ended while V8 still compiles in the
  // background.
  process.exitCode = 1;
});
