import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, readdir, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { Mutex } from "async-mutex";
import { errorResponse } from "../error-response.ts";
import { StartError } from "../start-error.ts";
import { type HostReport, reportMark } from "./host-report.ts";

interface Options {
  /** Folder that holds `supabase/functions`. */
  projectRoot: string;
  /** The environment that Supabase gives to functions: `SUPABASE_URL`, keys, `SUPABASE_JWKS`. */
  environment: Record<string, string>;
  /** Called with one line that a function printed, or with the reason why a function does not start. */
  log: (line: string) => void;
}

/**
 * Runs Edge Functions on Deno. If their sources have changed since the last request, they are loaded again before the
 * next one.
 */
export interface FunctionsHost {
  /** Starts Deno if it does not run yet. Throws a `StartError` if a function does not load. */
  check(): Promise<void>;
  /** Answers a request to `/functions/v1/<name>`. */
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

interface RunningHost {
  /** A fingerprint of the sources with which it was started. */
  sources: string;
  process: ChildProcess;
  /** Resolves when Deno listens; rejects if Deno ends before that. */
  listening: Promise<HostReport>;
}

export function createFunctionsHost({ projectRoot, environment, log }: Options): FunctionsHost {
  const folder = path.join(projectRoot, "supabase", "functions");
  const oneAtATime = new Mutex();
  let running: RunningHost | undefined;
  let closed = false;

  /** Returns the report of the host that runs the present sources. Starts a host if there is none. */
  async function current(): Promise<HostReport> {
    const host = await oneAtATime.runExclusive(async () => {
      const sources = await fingerprint([folder, path.join(projectRoot, "src")]);
      if (running?.sources === sources) return running;
      const [names, secrets] = await Promise.all([functionNames(folder), functionSecrets(folder)]);
      await end(running);
      if (closed) throw new Error("The functions host is closed.");
      return (running = start(sources, names, secrets));
    });
    return host.listening;
  }

  function start(sources: string, names: string[], secrets: NodeJS.Dict<string>): RunningHost {
    const deno = spawn(denoBinary(), denoArguments(projectRoot, folder, names), {
      cwd: projectRoot,
      env: { ...process.env, ...secrets, ...environment, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const listening = new Promise<HostReport>((resolve, reject) => {
      createInterface({ input: deno.stdout }).on("line", (line) => {
        if (line.startsWith(reportMark)) resolve(JSON.parse(line.slice(reportMark.length)));
        else log(line);
      });
      createInterface({ input: deno.stderr }).on("line", log);
      deno.once("error", reject);
      deno.once("exit", (code) => reject(new Error(`Deno ended with code ${code} before functions were ready.`)));
    });
    listening.then(
      ({ broken }) => broken.forEach((fault) => log(describe(fault))),
      () => {
        if (running?.process === deno) running = undefined;
      },
    );
    deno.once("exit", (code) => {
      // If it was ended on purpose, another process has taken its place.
      if (closed || running?.process !== deno) return;
      running = undefined;
      if (code) log(`Deno ended with code ${code}; the next call starts it again.`);
    });
    return { sources, process: deno, listening };
  }

  return {
    async check() {
      const { broken } = await current();
      if (broken.length === 0) return;
      throw new StartError(
        broken.map(describe).join("\n"),
        "Correct the function (npx deno check supabase/functions shows more) and start again.",
      );
    },

    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const functionPath = functionPathOf(pathname);
      if (functionPath === undefined) return notFound(pathname);
      const { port } = await current();
      const target = new URL(`http://127.0.0.1:${port}`);
      // The path is assigned, not resolved: a path that begins with // would be read as a host.
      target.pathname = functionPath;
      target.search = search;
      const { method, body, signal } = request;
      const headers = new Headers(request.headers);
      // These headers concern only the connection from the client to here. fetch sets its own.
      for (const name of ["connection", "keep-alive", "transfer-encoding", "upgrade"]) headers.delete(name);
      // Node requires `duplex` for a body that is a stream. The DOM's types do not have it yet.
      const init: RequestInit & { duplex: "half" } = {
        method,
        headers,
        body,
        signal,
        duplex: "half",
        redirect: "manual",
      };
      return fetch(target, init);
    },

    async close() {
      closed = true;
      await end(running);
    },
  };
}

/**
 * Returns `/<name>` and the rest of the path; undefined for a path without a function name. `functionNames` uses the
 * same rule for names.
 */
function functionPathOf(pathname: string): string | undefined {
  return /^\/functions\/v1(\/[a-zA-Z].*)$/.exec(pathname)?.[1];
}

/** The answer of the host for a function that does not exist. */
function notFound(pathname: string): Response {
  return errorResponse(404, "NOT_FOUND", `There is no function "${pathname.split("/")[3] ?? ""}".`, null);
}

function describe({ name, reason }: HostReport["broken"][number]): string {
  return `supabase/functions/${name}/index.ts does not start: ${reason}`;
}

/** Ends Deno, by force after two seconds. */
async function end(host: RunningHost | undefined): Promise<void> {
  if (!host || host.process.exitCode !== null || host.process.signalCode !== null) return;
  const exited = new Promise((resolve) => host.process.once("exit", resolve));
  host.process.kill("SIGTERM");
  await Promise.race([exited, setTimeout(2000, undefined, { ref: false })]);
  host.process.kill("SIGKILL");
}

/** Returns the binary itself. Ending the launcher script would not end Deno. */
function denoBinary(): string {
  const { runInstall } = createRequire(import.meta.url)("deno/install_api.cjs") as { runInstall(): string };
  return runInstall();
}

function denoArguments(projectRoot: string, folder: string, names: string[]): string[] {
  const configuration = path.join(projectRoot, "deno.json");
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--allow-env",
    "--allow-net",
    "--allow-read",
    "--allow-sys",
    ...(existsSync(configuration) ? ["--config", configuration] : []),
    // In the package this file is JavaScript, because Deno does not run TypeScript below node_modules.
    fileURLToPath(new URL(`./host${path.extname(import.meta.url)}`, import.meta.url)),
    folder,
    ...names,
  ];
}

/**
 * Returns the names of folders with an `index.ts`. A folder whose name starts with an underscore has code that
 * functions share.
 */
async function functionNames(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && /^[a-zA-Z]/.test(entry.name))
    .map((entry) => entry.name)
    .filter((name) => existsSync(path.join(folder, name, "index.ts")));
}

/** Reads `supabase/functions/.env`, the file that the Supabase CLI uses for local secrets. */
async function functionSecrets(folder: string): Promise<NodeJS.Dict<string>> {
  const file = path.join(folder, ".env");
  return existsSync(file) ? parseEnv(await readFile(file, "utf8")) : {};
}

/** Returns a value that changes whenever a source file is added, removed or written. */
async function fingerprint(folders: string[]): Promise<string> {
  const lists = await Promise.all(
    folders.map(async (folder) => {
      if (!existsSync(folder)) return [];
      const names = await readdir(folder, { recursive: true });
      return names.filter((name) => /\.(ts|tsx|js|json|env)$/.test(name)).map((name) => path.join(folder, name));
    }),
  );
  const stamps = await Promise.all(
    lists.flat().map(async (file) => `${file}@${(await stat(file).catch(() => undefined))?.mtimeMs}`),
  );
  return stamps.toSorted().join("\n");
}
