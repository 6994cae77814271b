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
  /** What the platform provides to functions: `SUPABASE_URL`, keys, `SUPABASE_JWKS`. */
  environment: Record<string, string>;
  /** One line that a function printed, or that explains why one does not start. */
  log: (line: string) => void;
}

/** Edge Functions on Deno. Sources that changed since the last request are loaded anew before the next one. */
export interface FunctionsHost {
  /** Starts Deno if it does not run yet, and throws a `StartError` for functions that do not load. */
  check(): Promise<void>;
  /** Answers a request to `/functions/v1/<name>`. */
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

interface RunningHost {
  /** The state of the sources that it was started with. */
  sources: string;
  process: ChildProcess;
  /** Settles once it listens; rejects if it ends before that. */
  listening: Promise<HostReport>;
}

export function createFunctionsHost({ projectRoot, environment, log }: Options): FunctionsHost {
  const folder = path.join(projectRoot, "supabase", "functions");
  const oneAtATime = new Mutex();
  let running: RunningHost | undefined;
  let closed = false;

  /** What the host that runs the sources as they are now reports. */
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
      deno.once("exit", (code) => reject(new Error(`Deno ended with code ${code} before it served functions.`)));
    });
    listening.then(
      ({ broken }) => broken.forEach((fault) => log(describe(fault))),
      () => {
        if (running?.process === deno) running = undefined;
      },
    );
    deno.once("exit", (code) => {
      // Another has taken its place when it was ended on purpose.
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
      // Set, not resolved: a path that begins with // would be read as another host.
      target.pathname = functionPath;
      target.search = search;
      const { method, body, signal } = request;
      const headers = new Headers(request.headers);
      // Of the way to here; fetch finds its own to the function.
      for (const name of ["connection", "keep-alive", "transfer-encoding", "upgrade"]) headers.delete(name);
      // Node wants `duplex` for a body that streams; the DOM's types do not know it yet.
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

/** `/<name>` and what follows it; undefined for a path that names no function. Names begin as in `functionNames`. */
function functionPathOf(pathname: string): string | undefined {
  return /^\/functions\/v1(\/[a-zA-Z].*)$/.exec(pathname)?.[1];
}

/** What the host answers for a function that it does not have. */
function notFound(pathname: string): Response {
  return errorResponse(404, "NOT_FOUND", `There is no function "${pathname.split("/")[3] ?? ""}".`, null);
}

function describe({ name, reason }: HostReport["broken"][number]): string {
  return `supabase/functions/${name}/index.ts does not start: ${reason}`;
}

/** Ends Deno, by force if it does not go within two seconds. */
async function end(host: RunningHost | undefined): Promise<void> {
  if (!host || host.process.exitCode !== null || host.process.signalCode !== null) return;
  const exited = new Promise((resolve) => host.process.once("exit", resolve));
  host.process.kill("SIGTERM");
  await Promise.race([exited, setTimeout(2000, undefined, { ref: false })]);
  host.process.kill("SIGKILL");
}

/** The binary itself, not its launcher in between, so that ending the process ends Deno. */
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
    // As JavaScript in the package: Deno takes no TypeScript below node_modules.
    fileURLToPath(new URL(`./host${path.extname(import.meta.url)}`, import.meta.url)),
    folder,
    ...names,
  ];
}

/** Folders with an `index.ts`; those that start with an underscore hold what functions share. */
async function functionNames(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && /^[a-zA-Z]/.test(entry.name))
    .map((entry) => entry.name)
    .filter((name) => existsSync(path.join(folder, name, "index.ts")));
}

/** `supabase/functions/.env`, where the Supabase CLI looks for local secrets too. */
async function functionSecrets(folder: string): Promise<NodeJS.Dict<string>> {
  const file = path.join(folder, ".env");
  return existsSync(file) ? parseEnv(await readFile(file, "utf8")) : {};
}

/** Changes whenever a source file is added, removed or written. */
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
