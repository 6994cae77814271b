import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { startLocal } from "#groundwork/local";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, test } from "vitest";
import { app, expectedReport } from "../package/setup/app.ts";
import { type Installed, installPacked } from "../package/setup/packed.ts";
import { chromiumPath } from "./setup/chromium.ts";

const backend = await startLocal();
let installed: Installed;
beforeAll(async () => {
  installed = await installPacked();
});
afterAll(async () => {
  await installed?.[Symbol.asyncDispose]();
  await backend.close();
});

/** Bundles the app into several files, and returns them by name. */
async function bundleApp(): Promise<Map<string, string>> {
  const input = path.join(installed.root, "app.js");
  const report = 'await fetch("/report", { method: "POST", body: JSON.stringify(report) });';
  await writeFile(input, app(backend.url, backend.publishableKey, report));
  await using bundle = await rolldown({ input, platform: "browser" });
  const { output } = await bundle.generate({ format: "esm" });
  const chunks = output.filter((part) => part.type === "chunk");
  const files = new Map(chunks.map(({ fileName, code }) => [fileName, code]));
  const imports = chunks.flatMap((chunk) => chunk.imports.concat(chunk.dynamicImports));
  // An import that is not a file of the bundle would be a built-in module of Node.
  expect(imports.filter((name) => !files.has(name))).toEqual([]);
  return files;
}

test("the package runs in headless Chromium, and loads parts when they are needed", async () => {
  const files = await bundleApp();
  const served: string[] = [];
  const { promise: report, resolve } = Promise.withResolvers<string>();
  const server = createServer(async (request, response) => {
    if (request.url === "/report") resolve((await Array.fromAsync(request)).join(""));
    const name = request.url!.slice(1);
    const script = files.get(name);
    if (script !== undefined) served.push(name);
    response.setHeader("content-type", script === undefined ? "text/html" : "text/javascript");
    response.end(script ?? page);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const profile = path.join(installed.root, "chromium-profile");
  const browser = spawn(
    chromiumPath(),
    ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", `--user-data-dir=${profile}`, url],
    { stdio: "ignore", env: { ...process.env, DBUS_SESSION_BUS_ADDRESS: "disabled:" } },
  );
  try {
    expect(JSON.parse(await report)).toEqual(expectedReport);
    expect(served.filter((name) => /^(checks|watch-job)/.test(name))).toHaveLength(2);
    expect(served.filter((name) => name.startsWith("run-agent"))).toEqual([]);
  } finally {
    browser.kill();
    await new Promise((ended) => browser.once("exit", ended));
    server.close();
    server.closeAllConnections();
  }
});

const page = `<!doctype html><script>
  const tell = (what) => fetch("/report", { method: "POST", body: JSON.stringify({ failed: String(what) }) });
  addEventListener("error", (event) => tell(event.message));
  addEventListener("unhandledrejection", (event) => tell(event.reason));
</script><script type="module" src="/app.js"></script>`;
