import { mkdir, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { createPackageFromTarballData, checkPackage } from "@arethetypeswrong/core";
import { startLocal } from "#groundwork/local";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageName } from "../../scripts/package/package-name.ts";
import { app, expectedReport } from "./setup/app.ts";
import { type Installed, installPacked, nodeOfVersion, run } from "./setup/packed.ts";

const backend = await startLocal();
let installed: Installed;
beforeAll(async () => {
  installed = await installPacked();
});
afterAll(async () => {
  await installed?.[Symbol.asyncDispose]();
  await backend.close();
});

const inApp = (name: string) => path.join(installed.root, name);

// The process is ended, because supabase-js keeps it running for ten seconds after Realtime was disconnected.
const printAndEnd = "console.log(JSON.stringify(report)); process.exit();";

/** Writes the app so that it prints its report, and returns the file. */
async function writeApp(report = printAndEnd): Promise<string> {
  const file = inApp("app.js");
  await writeFile(file, app(backend.url, backend.publishableKey, report));
  return file;
}

describe("the installed package", () => {
  test("comes with all that a client needs, and with nothing of the embedded stack or the agents", () => {
    expect(installed.packages.filter((name) => !name.startsWith("@supabase/"))).toEqual(
      ["iceberg-js", packageName, "tslib", "ws", "zod"].filter((name) => installed.packages.includes(name)),
    );
    expect(installed.packages).toContain("@supabase/supabase-js");
    expect(installed.packages).not.toContain("@supabase/lite");
  });

  test("has JavaScript with source maps and types, and no tests", async () => {
    const files = await readdir(inApp(`node_modules/${packageName}`), { recursive: true });
    const scripts = files.filter((name) => name.endsWith(".js"));

    expect(scripts.length).toBeGreaterThan(50);
    const beside = scripts.flatMap((script) => [`${script}.map`, script.replace(/\.js$/, ".d.ts")]);
    expect(beside.filter((name) => !files.includes(name))).toEqual([]);
    expect(files.filter((name) => /test|bench|(?<!\.d)\.ts$/.test(name))).toEqual([]);
    const map = await readFile(inApp(`node_modules/${packageName}/dist/client/http/request.js.map`), "utf8");
    expect(JSON.parse(map).sourcesContent[0]).toBe(await readFile("src/client/http/request.ts", "utf8"));
  });

  test("has a package.json with only the fields that users need", async () => {
    const manifest = JSON.parse(await readFile(inApp(`node_modules/${packageName}/package.json`), "utf8"));

    expect(Object.keys(manifest).filter((key) => /private|scripts|dev|allow|imports/i.test(key))).toEqual([]);
    expect(Object.keys(manifest.exports)).toEqual([".", "./agents", "./schemas", "./local", "./package.json"]);
  });

  test("passes publint", async () => {
    const pkg = inApp(`node_modules/${packageName}`);
    const { messages } = await publint({ pkgDir: pkg, strict: true, pack: false });

    const manifest = JSON.parse(await readFile(path.join(pkg, "package.json"), "utf8"));
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
  });

  test("passes attw for users of ES modules", async () => {
    const tarball = createPackageFromTarballData(new Uint8Array(await readFile(installed.tarball)));

    const analysis = await checkPackage(tarball);

    if (!analysis.types) throw new Error("It has no types.");
    // The package has no CommonJS, so TypeScript's errors about require() do not count.
    const problems = analysis.problems.filter(
      (problem) => !("resolutionKind" in problem && /^node10$|^node16-cjs$/.test(problem.resolutionKind)),
    );
    expect(problems).toEqual([]);
    expect(Object.keys(analysis.entrypoints)).toContain("./schemas");
  });

  test("compiles with TypeScript's strictest settings, declarations of libraries included", async () => {
    await writeFile(inApp("types.ts"), `${consumer}\n`);
    const strict = [
      "--strict",
      "--noEmit",
      "--exactOptionalPropertyTypes",
      "--noUncheckedIndexedAccess",
      "--module",
      "nodenext",
    ];

    const { stdout } = await run(
      "tsc",
      [...strict, "--lib", "es2023,dom,dom.asynciterable", "--types", "", "types.ts"],
      {
        cwd: installed.root,
      },
    ).catch((error: { stdout: string }) => error);

    // supabase-js itself has errors with settings as strict as these.
    expect(
      stdout
        .split("\n")
        .filter((line) => ["types.ts", `node_modules/${packageName}`].some((start) => line.startsWith(start))),
    ).toEqual([]);
  });
});

const consumer = `
import { type Job, type Thought, createGroundwork } from "${packageName}";
import { CustomHours } from "${packageName}/schemas";
const gw = createGroundwork("http://127.0.0.1", "key");
export const thought: Promise<Thought> = gw.thoughts.capture("t");
export const job: Promise<Job<"seo_writer">> = gw.jobs.enqueue("seo_writer", { topic: "t" });
export const hours: string = CustomHours.parse({}).start;
// @ts-expect-error no such status
export const wrong = gw.intentions.list({ status: "done" });
`;

describe("the package runs", () => {
  test.for([20, 22, 24])("on Node %i", async (version) => {
    const node = await nodeOfVersion(version, path.dirname(installed.root));

    const { stdout } = await run(node, [await writeApp()]);

    expect((await run(node, ["--version"])).stdout).toMatch(new RegExp(`^v${version}\\.`));
    expect(JSON.parse(stdout)).toEqual(expectedReport);
  });

  test("on Deno", async () => {
    const { stdout } = await run(
      "deno",
      ["run", "--quiet", "--node-modules-dir=manual", "--allow-all", await writeApp()],
      {
        cwd: installed.root,
      },
    );

    expect(JSON.parse(stdout)).toEqual(expectedReport);
  });
});

test("./local names the missing packages when its peers are not installed", async () => {
  const failed = run("node", ["--input-type=module", "--eval", `await import("${packageName}/local")`], {
    cwd: installed.root,
  });

  await expect(failed).rejects.toThrow(/Cannot find package '@supabase\/lite'|Cannot find package/);
});

describe("with its peers", () => {
  beforeAll(async () => {
    const manifest = JSON.parse(await readFile(inApp(`node_modules/${packageName}/package.json`), "utf8"));
    for (const name of Object.keys(manifest.peerDependencies)) {
      const target = inApp(path.join("node_modules", name));
      await mkdir(path.dirname(target), { recursive: true });
      await symlink(path.resolve("node_modules", name), target);
    }
  });

  test("./agents runs jobs on Node 22", async () => {
    const { client } = await backend.signUp();
    const input = { topic: "Pear trees" };
    await client.rpc("enqueue_agent_job", { agent_type: "seo_writer", input_data: input }).throwOnError();
    const program = `
      import { createClient } from "${packageName}";
      import { jobQueueOverHttp, jobRunner, offlineModel, runJobWorker } from "${packageName}/agents";
      const queue = jobQueueOverHttp(createClient("${backend.url}", "${backend.secretKey}"));
      const summary = await runJobWorker(queue, jobRunner(queue, offlineModel()), { workerId: "package" });
      console.log(JSON.stringify(summary));
      process.exit();
    `;
    const node = await nodeOfVersion(22, path.dirname(installed.root));

    const { stdout } = await run(node, ["--input-type=module", "--eval", program], { cwd: installed.root });

    expect(JSON.parse(stdout)).toEqual({ completed: 1, failed: 0, released: 0, refused: 0 });
  });

  test("./local starts the backend with functions on Node 24", async () => {
    const program = `
      import { startLocal } from "${packageName}/local";
      await using backend = await startLocal({ projectRoot: ${JSON.stringify(process.cwd())} });
      const { client } = await backend.signUp();
      await client.from("tasks").insert({ title: "t" }).throwOnError();
      const { data } = await client.functions.invoke("health", { method: "GET" });
      console.log(data.status);
    `;
    const node = await nodeOfVersion(24, path.dirname(installed.root));

    const { stdout } = await run(node, ["--input-type=module", "--eval", program], { cwd: installed.root });

    expect(stdout).toBe("ok\n");
  });
});
