import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { SupabaseClient } from "@supabase/supabase-js";
import { App } from "@supabase/lite";
import { createClient } from "../client/create-client.ts";
import type { Database } from "../database.ts";
import { lockData } from "./data-lock.ts";
import { silenceRequests } from "./database/request-scope.ts";
import type { LocalDatabase } from "./database/local-database.ts";
import { type PgliteDatabase, openPglite } from "./database/open-pglite.ts";
import { connectPostgres, refuseUnsuitable } from "./database/suitable-postgres.ts";
import { type ScheduledTask, startScheduler } from "./scheduler.ts";
import { createFunctionsHost } from "./functions/functions-host.ts";
import { localJwks } from "./functions/resign-token.ts";
import { startGateway } from "./gateway.ts";
import { localKeys } from "./keys.ts";
import {
  type Migration,
  applyMigrations,
  applySeed,
  changedMigrations,
  readMigrations,
  removedMigrations,
} from "./migrations.ts";
import { type SignedUp, signUp } from "./sign-up.ts";
import { cachedSnapshot, emptySnapshot, keptEmptySnapshot } from "./snapshot.ts";
import { StartError } from "./start-error.ts";
import { UndoStack } from "./undo-stack.ts";
import { type WireServer, startWireServer } from "./wire/wire-server.ts";

export interface LocalOptions {
  /** Folder that contains `supabase/`. Default: the working directory. */
  projectRoot?: string;
  /** Port of the API on 127.0.0.1. Default 0: any free port. */
  port?: number;
  /** Port for psql and the Supabase CLI, 0 for any free port. Default: none. Only PGlite has a wire port. */
  wirePort?: number;
  /** Folder that keeps the data. Default: none; the data is in memory, and is lost when the backend ends. */
  dataDir?: string;
  /** URL of a Postgres 15 or later, to use instead of PGlite. */
  databaseUrl?: string;
  /** If true, a new database is filled with `supabase/seed.sql`. Default false. */
  seed?: boolean;
  /** If true, the start fails when a function does not load. Default false: Deno starts at the first call. */
  checkFunctions?: boolean;
  /**
   * If true, the scheduler runs queued agent jobs with the function `run-agent-jobs`. Default false: you call it
   * yourself.
   */
  runAgentJobs?: boolean;
  /** If true, the scheduler embeds new texts with the function `embed`. Default false: you call it yourself. */
  embed?: boolean;
  /**
   * Called with one line for each failed request, line that a function printed, changed migration, or error of the wire
   * port. Default: none.
   */
  log?: (line: string) => void;
  /** Called with the name of each step of the start. */
  onProgress?: (step: string) => void;
}

/** A whole backend in this process: database, REST, Auth and Edge Functions. */
export interface LocalBackend extends AsyncDisposable {
  /** The URL for `createClient`. */
  url: string;
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  /** URL for psql and the Supabase CLI; undefined without `wirePort`. */
  databaseUrl: string | undefined;
  /** Runs statements as the owner of the database. */
  database: LocalDatabase;
  /** The migrations that this start applied. */
  applied: Migration[];
  /** True if this start created the database. */
  isNew: boolean;
  /** Makes a client with the publishable key. Nobody is signed in. */
  client(): SupabaseClient<Database>;
  /** Makes a client with the secret key: the service role, to which row-level security does not apply. */
  adminClient(): SupabaseClient<Database>;
  /** Signs up a new user over HTTP, and returns a client with that user's session. */
  signUp(credentials?: { email?: string; password?: string; data?: object }): Promise<SignedUp>;
  close(): Promise<void>;
}

/**
 * Starts the whole backend in this process.
 *
 * A database in memory is loaded from a snapshot, which is built once for each state of migrations and seed. Therefore
 * each test file can have its own database: `await using backend = await startLocal()`.
 *
 * @throws StartError with the remedy. The reason is a port in use, data in use, a failed connection, an unsuitable
 *   database, or an error in a migration, the seed or a function
 */
export async function startLocal(options: LocalOptions = {}): Promise<LocalBackend> {
  const { projectRoot = process.cwd(), port = 0, log = () => {}, onProgress = () => {} } = options;
  if (!existsSync(path.join(projectRoot, "supabase", "migrations"))) {
    throw new StartError(
      `There is no supabase/migrations in ${projectRoot}.`,
      "Start the backend in the folder of the project.",
    );
  }

  const undo = new UndoStack();
  try {
    return await start({ ...options, projectRoot, port, log, onProgress }, undo);
  } catch (error) {
    await undo.undo();
    throw error;
  }
}

type StartOptions = LocalOptions & Required<Pick<LocalOptions, "projectRoot" | "port" | "log" | "onProgress">>;

async function start(options: StartOptions, undo: UndoStack): Promise<LocalBackend> {
  const { projectRoot, port, log, onProgress } = options;
  undo.defer(silenceRequests());
  const gateway = await startGateway({ port, jwtSecret: localKeys.jwtSecret, log });
  undo.defer(() => gateway.close());

  const functions = createFunctionsHost({ projectRoot, environment: functionEnvironment(gateway.url), log });
  undo.defer(() => functions.close());
  // Deno starts at the same time as the database. If it fails, the error is thrown below.
  const functionsChecked = options.checkFunctions ? functions.check() : Promise.resolve();
  functionsChecked.catch(() => {});

  const { database, app, applied, isNew, session } = await openDatabase(options, undo);

  let wire: WireServer | undefined;
  if (options.wirePort !== undefined && session) {
    wire = await startWireServer({ session, port: options.wirePort, log }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") throw error;
      throw new StartError(
        `Port ${options.wirePort} is in use.`,
        "Stop the program that uses it, or choose another port: npm start -- --wire-port 54422",
      );
    });
    undo.defer(() => wire!.close());
  }

  onProgress("Loading functions");
  await functionsChecked;
  gateway.open({ app, functions });

  const tasks = tasksOf(options, projectRoot, (name, signal) => {
    const request = { method: "POST", headers: { apikey: localKeys.secretKey }, signal };
    return functions.fetch(new Request(`${gateway.url}/functions/v1/${name}`, request));
  });
  if (tasks.length > 0) {
    const scheduler = await startScheduler({ database, tasks, log });
    undo.defer(() => scheduler.close());
  }

  const { url } = gateway;
  const { publishableKey, secretKey, jwtSecret } = localKeys;
  const client = (key: string) => createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false } });
  return {
    url,
    publishableKey,
    secretKey,
    jwtSecret,
    databaseUrl: wire && `postgresql://postgres:postgres@127.0.0.1:${wire.port}/postgres?sslmode=disable`,
    database,
    applied,
    isNew,
    client: () => client(publishableKey),
    adminClient: () => client(secretKey),
    signUp: (credentials) => signUp(client(publishableKey), credentials),
    close: () => undo.undo(),
    [Symbol.asyncDispose]: () => undo.undo(),
  };
}

/** Returns the tasks of the options, if the project has their functions. */
function tasksOf(
  { runAgentJobs, embed }: LocalOptions,
  projectRoot: string,
  call: (name: string, signal: AbortSignal) => Promise<Response>,
): ScheduledTask[] {
  const task = (name: string, hasWork: ScheduledTask["hasWork"], failureMessage: string): ScheduledTask[] => {
    if (!existsSync(path.join(projectRoot, "supabase", "functions", name, "index.ts"))) return [];
    return [{ hasWork, failureMessage, call: (signal) => call(name, signal) }];
  };
  return [
    ...(runAgentJobs ? task("run-agent-jobs", "has_agent_work", "Agent jobs do not run") : []),
    ...(embed ? task("embed", "has_embedding_work", "Texts are not embedded") : []),
  ];
}

interface OpenedDatabase {
  database: LocalDatabase;
  app: App;
  applied: Migration[];
  isNew: boolean;
  session: PgliteDatabase["session"] | undefined;
}

async function openDatabase(options: StartOptions, undo: UndoStack): Promise<OpenedDatabase> {
  const { projectRoot, dataDir, databaseUrl, onProgress } = options;
  if (databaseUrl !== undefined) {
    onProgress("Connecting to Postgres");
    const database = await connectPostgres(databaseUrl);
    undo.defer(() => database.close());
    await refuseUnsuitable(database);
    return { ...(await prepare(database, options)), session: undefined };
  }

  if (dataDir !== undefined) {
    onProgress("Opening the database");
    await mkdir(path.dirname(dataDir), { recursive: true });
    undo.defer(await lockData(`${dataDir}.lock`));
    const isThere = existsSync(path.join(dataDir, "PG_VERSION"));
    const snapshot = isThere ? undefined : await keptEmptySnapshot(projectRoot);
    const database = await openPglite({ dataDir, ...(snapshot && { snapshot }) });
    undo.defer(() => database.close());
    return { ...(await prepare(database, options)), session: database.session };
  }

  const snapshot = await migratedSnapshot(options);
  onProgress("Opening the database");
  const database = await openPglite({ snapshot });
  undo.defer(() => database.close());
  const app = createApp(database);
  await serveSchema(database);
  return { database, app, applied: [], isNew: true, session: database.session };
}

/** Applies the pending migrations, and warns about changed and removed ones. */
async function prepare(
  database: LocalDatabase,
  { projectRoot, dataDir, seed, onProgress, log = () => {} }: StartOptions,
) {
  const app = createApp(database);
  const [before] = await database.query<{ known: boolean }>(
    "select to_regclass('supabase_migrations.schema_migrations') is not null as known",
  );
  const isNew = !before!.known;
  await app.ensureSystemSchema();
  await database.run(await readFile(new URL("./database/platform.sql", import.meta.url), "utf8"));
  const migrations = await readMigrations(path.join(projectRoot, "supabase", "migrations"));
  const anew = dataDir === undefined ? "with an empty database" : `without ${path.relative(projectRoot, dataDir)}`;
  for (const { file } of await changedMigrations(database, migrations)) {
    log(
      `supabase/migrations/${file} has changed since this database applied it, and is not applied again. ` +
        `Write a new migration, or start again ${anew}.`,
    );
  }
  for (const file of await removedMigrations(database, migrations)) {
    log(
      `supabase/migrations/${file} no longer exists, but its changes are still in this database. ` +
        `Undo them by a new migration, or start again ${anew}.`,
    );
  }
  const applied = await applyMigrations(database, migrations, ({ file }) => onProgress(`Applying ${file}`));
  const seedFile = seedFileOf(projectRoot);
  if (seed && isNew && existsSync(seedFile)) {
    onProgress("Seeding");
    await applySeed(database, seedFile);
  }
  await serveSchema(database);
  return { database, app, applied, isNew };
}

async function migratedSnapshot(options: StartOptions): Promise<Blob> {
  const { projectRoot, seed, onProgress } = options;
  const migrations = await readMigrations(path.join(projectRoot, "supabase", "migrations"));
  const seedFile = seedFileOf(projectRoot);
  const contents = [
    await readFile(new URL("./database/platform.sql", import.meta.url), "utf8"),
    ...migrations.flatMap(({ file, sql }) => [file, sql]),
    seed && existsSync(seedFile) ? await readFile(seedFile, "utf8") : "no seed",
  ];
  return cachedSnapshot(path.join(projectRoot, ".groundwork", "snapshots"), contents, async () => {
    onProgress("Building the database (once for these migrations)");
    const database = await openPglite({ snapshot: await emptySnapshot(projectRoot) });
    try {
      await prepare(database, options);
      return await database.snapshot();
    } finally {
      await database.close();
    }
  });
}

const seedFileOf = (projectRoot: string) => path.join(projectRoot, "supabase", "seed.sql");

function createApp(database: LocalDatabase): App {
  return new App({
    connection: database.connection,
    api: { schemas: ["public"], max_rows: 1000 },
    auth: {
      enabled: true,
      jwt_secret: localKeys.jwtSecret,
      publishable_key: localKeys.publishableKey,
      secret_key: localKeys.secretKey,
      enable_signup: true,
      minimum_password_length: 8,
      email: { enable_signup: true, enable_confirmations: false },
    },
    // Requests without a key must have the role `anon`. Otherwise tests of row-level security would prove nothing.
    options: { server: { admin: false } },
  });
}

/** Reads the schema for the API now, and again after each migration that changes it. */
async function serveSchema(database: LocalDatabase): Promise<void> {
  const { connection } = database;
  const forget = async () => {
    await connection.clearSchemaCache();
    await database.learnTypes();
  };
  // Errors are ignored, because the backend may be closing.
  await database.listen("pgrst", () => void forget().catch(() => {}));
  await database.learnTypes();
  await connection.introspect({ useCache: true });
}

function functionEnvironment(url: string): Record<string, string> {
  return {
    SUPABASE_URL: url,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: localKeys.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: localKeys.secretKey }),
    SUPABASE_JWKS: JSON.stringify(localJwks(localKeys.jwtSecret)),
  };
}
