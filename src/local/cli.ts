import { once } from "node:events";
import { parseArgs } from "node:util";
import path from "node:path";
import ora from "ora";
import { stopOnSignal } from "../node/stop-on-signal.ts";
import { StartError } from "./start-error.ts";
import { type LocalBackend, startLocal } from "./start-local.ts";

const help = `Runs the whole backend on this machine, for development.

  npm start [-- options]

  --port <n>            port of the API (default 54321)
  --wire-port <n>       port for psql and the Supabase CLI (default: the port after the API's)
  --memory              keep no data: start with a new database every time
  --database-url <url>  use this Postgres (15 or later, with pgvector) instead of the embedded one
  --no-seed             do not fill a new database with supabase/seed.sql
  --help                show this

Data is kept in .groundwork/data. To start with a new database, stop and delete this folder.`;

/** The two users of supabase/seed.sql can sign in with this password. */
const demoLogin = { email: "ada@example.com", password: "groundwork" };

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) return console.log(help);

  // On a terminal that reports a width of 0, the spinner would print one line after another without end.
  const withoutWidth = process.stderr.columns === 0 && { isEnabled: false };
  const spinner = ora({ text: "Starting", discardStdin: false, ...withoutWidth }).start();
  let backend: LocalBackend;
  try {
    backend = await startLocal({
      port: options.port,
      wirePort: options.wirePort,
      seed: options.seed,
      checkFunctions: true,
      runAgentJobs: true,
      embed: true,
      ...(options.databaseUrl !== undefined && { databaseUrl: options.databaseUrl }),
      ...(!options.memory && { dataDir: path.resolve(".groundwork", "data") }),
      onProgress: (step) => (spinner.text = step),
      log: (line) => console.error(`${new Date().toTimeString().slice(0, 8)} ${line}`),
    });
  } catch (error) {
    spinner.stop();
    if (!(error instanceof StartError)) throw error;
    console.error(`${error.message}\n\n${error.remedy}`);
    // process.exit() is not used, because V8 can deadlock if the process is ended while V8 still compiles in the
    // background.
    process.exitCode = 1;
    return;
  }
  // Until this line, a signal ends the process in the usual way, because nothing needs to be cleaned up.
  const stop = stopOnSignal();
  spinner.stop();
  console.log(summary(backend, options));
  await once(stop, "abort");
  await backend.close();
}

interface CliOptions {
  port: number;
  wirePort: number;
  memory: boolean;
  databaseUrl: string | undefined;
  seed: boolean;
  help: boolean;
}

function readOptions(): CliOptions {
  try {
    const { values } = parseArgs({
      allowNegative: true,
      allowPositionals: false,
      options: {
        port: { type: "string", default: "54321" },
        "wire-port": { type: "string" },
        memory: { type: "boolean", default: false },
        "database-url": { type: "string" },
        seed: { type: "boolean", default: true },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const port = readPort("--port", values.port);
    return {
      port,
      wirePort: values["wire-port"] === undefined ? port + 1 : readPort("--wire-port", values["wire-port"]),
      memory: values.memory,
      databaseUrl: values["database-url"],
      seed: values.seed,
      help: values.help,
    };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(1);
  }
}

function readPort(option: string, text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_534) return port;
  throw new Error(`${option} ${text}: a port is a whole number from 0 to 65534.`);
}

function summary(backend: LocalBackend, options: CliOptions): string {
  const rows = [
    ["API URL", backend.url],
    ["Publishable key", backend.publishableKey],
    ["Secret key", backend.secretKey],
    ["Database", backend.databaseUrl ?? options.databaseUrl!],
    ...(options.seed ? [["Demo login", `${demoLogin.email} / ${demoLogin.password}`]] : []),
  ] as [string, string][];
  const { applied } = backend;
  const news = applied.length > 0 ? `${applied.length} migration${applied.length > 1 ? "s" : ""} applied. ` : "";
  return [
    "",
    "Groundwork is running.",
    "",
    ...rows.map(([name, value]) => `  ${name.padEnd(16)} ${value}`),
    "",
    `${news}For development and tests only. Ctrl-C stops it.`,
  ].join("\n");
}

await main();
