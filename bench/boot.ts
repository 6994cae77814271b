/**
 * Measures how long the embedded stack takes to start, in proportion to the time that its parts take alone.
 *
 *   npm run bench:boot -- [--repetitions 5] [--suite]
 *
 * Every repetition runs every variant once, in fresh processes, in alternating order. A ratio is computed within a
 * repetition. The table shows the median of each column. The benchmark does not fail because something was slow.
 *
 * The baseline of `npm start` is the sum of three times, each measured alone:
 * - PGlite: a new Node process imports PGlite with the extensions vector and pgtap, opens the same data directory and
 *   answers `select 1`;
 * - lite: the same process imports @supabase/lite and its PGlite driver, runs ensureSystemSchema() and introspect(),
 *   and gives the first answer of /rest/v1/circles. Opening the directory a second time in between is not counted;
 * - Deno: a new process `deno run` starts to listen, with a script that does nothing else.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { type AddressInfo, createServer } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { localKeys } from "../src/local/keys.ts";
import { median } from "./boot/statistics.ts";

const root = path.join(import.meta.dirname, "..");
const suiteCommand = ["npm", "test"] as const;
const suiteTargetSeconds = 180;

interface Repetition {
  start: number;
  pglite: number;
  lite: number;
  deno: number;
  cold: number;
  coldMb: number;
  snapshot: number;
  snapshotMb: number;
  rollback: number;
  backend: number;
  backendMb: number;
}

interface Comparison {
  name: string;
  unit: "ms" | "MB";
  baseline: (repetition: Repetition) => number;
  measured: (repetition: Repetition) => number;
  /** The highest ratio that meets the target. It is absent for ratios that are shown only for information. */
  target?: number;
}

const comparisons: Comparison[] = [
  {
    name: "npm start on existing data, to the first REST answer / PGlite + lite + Deno",
    unit: "ms",
    baseline: ({ pglite, lite, deno }) => pglite + lite + deno,
    measured: ({ start }) => start,
    target: 1.3,
  },
  {
    name: "test database from the snapshot / cold initdb",
    unit: "ms",
    baseline: ({ cold }) => cold,
    measured: ({ snapshot }) => snapshot,
    target: 0.4,
  },
  {
    name: "its peak memory / that of the cold initdb",
    unit: "MB",
    baseline: ({ coldMb }) => coldMb,
    measured: ({ snapshotMb }) => snapshotMb,
    target: 0.5,
  },
  {
    name: "isolation by rollback (1,000 rows) / a new database from the snapshot",
    unit: "ms",
    baseline: ({ snapshot }) => snapshot,
    measured: ({ rollback }) => rollback,
    target: 0.1,
  },
  {
    name: "startLocal() to the first REST answer / cold initdb",
    unit: "ms",
    baseline: ({ cold }) => cold,
    measured: ({ backend }) => backend,
  },
  {
    name: "its peak memory / that of the cold initdb",
    unit: "MB",
    baseline: ({ coldMb }) => coldMb,
    measured: ({ backendMb }) => backendMb,
  },
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { repetitions: { type: "string", default: "5" }, suite: { type: "boolean", default: false } },
  });
  const count = Number(values.repetitions);
  if (!Number.isInteger(count) || count < 1) {
    console.error(`--repetitions ${values.repetitions}: it must be a whole number, at least 1.`);
    process.exit(1);
  }

  const project = await makeProject();
  try {
    console.error("Preparing a data directory and a snapshot");
    await startToFirstAnswer(project);
    await run<{ ms: number }>(project, "test-backend.ts");
    const snapshot = await snapshotOf(project);

    const repetitions: Repetition[] = [];
    for (let index = 0; index < count; index += 1) {
      console.error(`Repetition ${index + 1} of ${count}`);
      repetitions.push(await repeat(project, snapshot, index % 2 === 1));
    }
    printTable(repetitions);
  } finally {
    await rm(project, { recursive: true, force: true });
  }
  await suite(values.suite);
}

async function repeat(project: string, snapshot: string, reversed: boolean): Promise<Repetition> {
  const dataDir = path.join(project, ".groundwork", "data");
  const variants: (() => Promise<Partial<Repetition>>)[] = [
    async () => ({ start: await startToFirstAnswer(project) }),
    async () => {
      const keys = [localKeys.secretKey, localKeys.jwtSecret];
      const { pgliteMs, liteMs } = await run<{ pgliteMs: number; liteMs: number }>(
        project,
        "bare-pglite.ts",
        dataDir,
        ...keys,
      );
      return { pglite: pgliteMs, lite: liteMs };
    },
    async () => ({ deno: await denoToListening() }),
    async () => {
      const { ms, peakMb } = await run<{ ms: number; peakMb: number }>(project, "cold-database.ts");
      return { cold: ms, coldMb: peakMb };
    },
    async () => {
      const { ms, peakMb, rollbackMs } = await run<{ ms: number; peakMb: number; rollbackMs: number }>(
        project,
        "snapshot-database.ts",
        snapshot,
      );
      return { snapshot: ms, snapshotMb: peakMb, rollback: rollbackMs };
    },
    async () => {
      const { ms, peakMb } = await run<{ ms: number; peakMb: number }>(project, "test-backend.ts");
      return { backend: ms, backendMb: peakMb };
    },
  ];
  const measured: Partial<Repetition> = {};
  for (const variant of reversed ? variants.toReversed() : variants) Object.assign(measured, await variant());
  return measured as Repetition;
}

/** Makes a project with links to the sources of this one, so that the data of this project does not change. */
async function makeProject(): Promise<string> {
  const project = await mkdtemp(path.join(tmpdir(), "groundwork-bench-"));
  for (const entry of ["supabase", "src", "node_modules", "deno.json", "package.json"]) {
    await symlink(path.join(root, entry), path.join(project, entry));
  }
  return project;
}

async function snapshotOf(project: string): Promise<string> {
  const folder = path.join(project, ".groundwork", "snapshots");
  const [file] = await readdir(folder);
  return path.join(folder, file!);
}

/** Runs a script of `boot/` in a new Node process, and returns its measurements. */
async function run<Measurements>(project: string, script: string, ...args: string[]): Promise<Measurements> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, "boot", script), ...args], {
    cwd: project,
    env: { ...process.env, SPAWNED_AT: String(now()) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${script} ended with code ${code}.`);
  return JSON.parse(output) as Measurements;
}

/** Returns the milliseconds from the start of the process to the first answered REST query. */
async function startToFirstAnswer(project: string): Promise<number> {
  const port = await freePort();
  const startArguments = await startScript();
  const url = `http://127.0.0.1:${port}/rest/v1/circles?select=id&limit=1`;
  const start = performance.now();
  const child = spawn(process.execPath, [...startArguments, "--port", String(port), "--wire-port", "0"], {
    cwd: project,
    stdio: ["ignore", "ignore", "inherit"],
  });
  try {
    for (;;) {
      const response = await fetch(url, { headers: { apikey: localKeys.secretKey } }).catch(() => undefined);
      if (response?.status === 200) {
        await response.json();
        return performance.now() - start;
      }
      if (response) throw new Error(`The backend answered ${response.status}: ${await response.text()}`);
      if (child.exitCode !== null) throw new Error(`The backend ended with code ${child.exitCode}.`);
      await sleep(10);
    }
  } finally {
    await stop(child, "SIGINT");
  }
}

/** Returns the arguments that `npm start` gives to Node. Running Node directly leaves out the time of npm. */
async function startScript(): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8")) as {
    scripts: { start: string };
  };
  const [node, ...startArguments] = scripts.start.split(" ");
  if (node !== "node") throw new Error(`The start script is not a plain call of node: ${scripts.start}`);
  return startArguments;
}

async function denoToListening(): Promise<number> {
  const { runInstall } = createRequire(import.meta.url)("deno/install_api.cjs") as { runInstall(): string };
  const script = path.join(import.meta.dirname, "boot", "serve.js");
  const start = performance.now();
  const child = spawn(runInstall(), ["run", "--quiet", "--no-config", "--allow-net", script], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
  });
  await once(child.stdout, "data");
  const ms = performance.now() - start;
  await stop(child, "SIGTERM");
  return ms;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function printTable(repetitions: Repetition[]): void {
  const middle = (value: (repetition: Repetition) => number) => median(repetitions.map(value));
  const amount = (value: number, unit: string) => `${value.toFixed(0)} ${unit}`;
  const rows = comparisons.map(({ name, unit, baseline, measured, target }) => {
    const ratio = middle((repetition) => measured(repetition) / baseline(repetition));
    return [
      name,
      amount(middle(baseline), unit),
      amount(middle(measured), unit),
      ratio.toFixed(2),
      target === undefined ? "-" : `<= ${target.toFixed(2)}`,
      target === undefined ? "" : ratio <= target ? "met" : "missed",
    ];
  });
  const table = [["measured / baseline", "baseline", "measured", "ratio", "target", ""], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  console.log(
    `\nMedians of ${repetitions.length}, Node ${process.versions.node}, ${availableParallelism()} cores; use the ratios.\n`,
  );
  for (const row of table) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0]!) : column === 5 ? cell : cell.padStart(widths[column]!),
    );
    console.log(cells.join("  ").trimEnd());
  }
  const part = (value: (repetition: Repetition) => number) => amount(middle(value), "ms");
  console.log(
    `\nThe parts of the first baseline: PGlite ${part((r) => r.pglite)}, lite ${part((r) => r.lite)}, Deno ${part((r) => r.deno)}.`,
  );
}

/** The suite runs only on request, because it takes minutes. */
async function suite(wanted: boolean): Promise<void> {
  const command = suiteCommand.join(" ");
  if (!wanted) {
    console.log(`The whole suite should take less than ${suiteTargetSeconds} s on two cores: time ${command}`);
    return;
  }
  console.error(`Running ${command}`);
  const start = performance.now();
  const child = spawn(suiteCommand[0], suiteCommand.slice(1), { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "close")) as [number | null];
  const seconds = (performance.now() - start) / 1000;
  const verdict = code !== 0 ? `failed with code ${code}` : seconds <= suiteTargetSeconds ? "met" : "missed";
  console.log(`The whole suite (${command}): ${seconds.toFixed(0)} s, target <= ${suiteTargetSeconds} s, ${verdict}`);
}

await main();
