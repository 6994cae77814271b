import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { type LocalBackend, StartError, startLocal } from "#groundwork/local";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

describe("health", () => {
  let backend: LocalBackend;
  beforeAll(async () => {
    backend = await startLocal();
  });
  afterAll(() => backend.close());

  test("DL-T3 reports through supabase-js that the database answers, with its migration and pgvector", async () => {
    const { data, error } = await backend.client().functions.invoke("health", { method: "GET" });

    expect(error).toBeNull();
    expect(data).toEqual({
      status: "ok",
      database: "connected",
      migration: expect.stringMatching(/^\d{14}$/),
      pgvector: expect.stringMatching(/^\d+\.\d+/),
      latency_ms: expect.any(Number),
    });
    const [latest] = await backend.database.query(
      "select max(version) as v from supabase_migrations.schema_migrations",
    );
    expect(data.migration).toBe((latest as { v: string }).v);
  });

  test("needs no key, answers a preflight, and refuses other methods than GET", async () => {
    const url = `${backend.url}/functions/v1/health`;

    const keyless = await fetch(url);
    const preflight = await fetch(url, { method: "OPTIONS", headers: { origin: "http://localhost:3000" } });
    const post = await fetch(url, { method: "POST" });

    expect(keyless.status).toBe(200);
    expect(preflight.ok).toBe(true);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    expect(post.status).toBe(405);
  });

  test("gives the state of the database only to the service role", async () => {
    const { client } = await backend.signUp();

    expect((await client.rpc("backend_health")).error?.code).toBe("42501");
    expect((await backend.client().rpc("backend_health")).error?.code).toBe("42501");
  });

  test("DL-T3 says disconnected, with status 503, when the database is gone", async () => {
    await backend.database.close();

    const response = await fetch(`${backend.url}/functions/v1/health`);

    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      status: "unavailable",
      database: "disconnected",
      migration: null,
      pgvector: null,
      latency_ms: expect.any(Number),
    });
  });
});

describe("a function of the project", () => {
  let project: string;
  let backend: LocalBackend;
  const lines: string[] = [];

  const write = (name: string, source: string) =>
    writeFile(path.join(project, "supabase", "functions", name, "index.ts"), source);
  const call = (name: string, headers: Record<string, string> = {}) =>
    fetch(`${backend.url}/functions/v1/${name}?q=1`, { headers });

  beforeAll(async () => {
    project = await mkdtemp(path.join(tmpdir(), "groundwork-functions-"));
    await cp("supabase/migrations", path.join(project, "supabase", "migrations"), { recursive: true });
    for (const name of ["hello", "older", "whoami"]) {
      await mkdir(path.join(project, "supabase", "functions", name), { recursive: true });
    }
    await writeFile(path.join(project, "deno.json"), '{ "nodeModulesDir": "manual" }');
    await cp("package.json", path.join(project, "package.json"));
    await symlink(path.resolve("node_modules"), path.join(project, "node_modules"));
    await write(
      "hello",
      `export default { fetch: (request: Request) => new Response("one " + new URL(request.url).search) };`,
    );
    await write(
      "older",
      `Deno.serve({ port: 1 }, ({ method }, { remoteAddr }) => new Response(method + " from " + remoteAddr.transport));`,
    );
    await write(
      "whoami",
      `import { withSupabase } from "@supabase/server";
       export default {
         fetch: withSupabase({ auth: "user" }, async (_request, ctx) => {
           const { data } = await ctx.supabase.from("users").select("id");
           return Response.json({ id: ctx.userClaims?.id, rows: data });
         }),
       };`,
    );
    backend = await startLocal({ projectRoot: project, log: (line) => lines.push(line) });
  });
  afterAll(async () => {
    await backend?.close();
    await rm(project, { recursive: true, force: true });
  });

  test("gets a body that comes in chunks", async () => {
    const body = new Blob(["in ", "chunks"]).stream();

    const response = await fetch(`${backend.url}/functions/v1/hello`, {
      method: "POST",
      body,
      duplex: "half",
    } as object);

    expect(await response.text()).toBe("one ");
  });

  test("gets the caller's identity, and reads as the caller", async () => {
    const { client, user } = await backend.signUp();

    const { data } = await client.functions.invoke("whoami");

    expect(data).toEqual({ id: user.id, rows: [{ id: user.id }] });
    expect((await call("whoami")).status).toBe(401);
    expect((await call("whoami", { authorization: "Bearer nonsense" })).status).toBe(401);
  });

  test("is loaded again without a restart when its source changes", async () => {
    expect(await (await call("hello")).text()).toBe("one ?q=1");

    await write("hello", `export default { fetch: () => new Response("two") };`);

    expect(await (await call("hello")).text()).toBe("two");
  });

  test("may call Deno.serve() instead of having a default export", async () => {
    expect(await (await call("older")).text()).toBe("GET from tcp");
  });

  test("that does not load answers with a clear 503 and one line in the log until it is corrected; others still work", async () => {
    await write("hello", "export default { fetch: () => new Response( };");
    lines.length = 0;

    const broken = await call("hello");

    expect(broken.status).toBe(503);
    expect(await broken.json()).toMatchObject({
      error: { code: "BOOT_ERROR", message: expect.stringContaining('The function "hello" does not start') },
    });
    expect((await call("whoami")).status).toBe(401);
    expect(lines.filter((line) => line.includes("supabase/functions/hello/index.ts does not start"))).toHaveLength(1);
    await write("hello", `export default { fetch: () => new Response("mended") };`);
    expect(await (await call("hello")).text()).toBe("mended");
  });

  test("that throws answers with 500, and one that does not exist with 404", async () => {
    await write("hello", `export default { fetch() { throw new Error("oops"); } };`);

    const thrown = await call("hello");
    const missing = await call("no-such-function");

    expect(thrown.status).toBe(500);
    expect(await thrown.json()).toMatchObject({
      error: { code: "WORKER_ERROR", message: expect.stringContaining("oops") },
    });
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ error: { code: "NOT_FOUND" } });
  });

  describe("is not reached by a path that names another server", () => {
    const reached: string[] = [];
    const other = createServer((incoming, response) => {
      reached.push(`${incoming.method} ${incoming.url}`);
      response.end("secret");
    });
    let address: string;
    beforeAll(async () => {
      await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
      address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    });
    beforeEach(() => void reached.splice(0));
    afterAll(() => new Promise((resolve) => other.close(resolve)));

    test("the other server would report a request", async () => {
      expect(await (await fetch(`http://${address}/secret.txt`)).text()).toBe("secret");
      expect(reached).toEqual(["GET /secret.txt"]);
    });

    const methods = ["GET", "POST"];
    const suffixes = [
      "//ADDRESS/secret.txt",
      "///ADDRESS/secret.txt",
      "/hello/..//ADDRESS/secret.txt",
      "/hello/%2e%2e//ADDRESS/secret.txt",
      "/%2FADDRESS/secret.txt",
      "/%5CADDRESS/secret.txt",
      "/@ADDRESS/secret.txt",
      "/",
    ];
    test.each(suffixes.flatMap((suffix) => methods.map((method) => ({ method, suffix }))))(
      "$method $suffix is a 404, as for a function that does not exist",
      async ({ method, suffix }) => {
        const { status, body } = await send(method, `/functions/v1${suffix.replace("ADDRESS", address)}`);

        expect(reached).toEqual([]);
        expect(status).toBe(404);
        expect(JSON.parse(body)).toEqual({
          error: { code: "NOT_FOUND", message: expect.stringContaining("There is no function"), hint: null },
        });
      },
    );

    const backslashed = ["/\\ADDRESS/secret.txt", "\\/ADDRESS/secret.txt", "\\\\ADDRESS/secret.txt"];
    test.each(backslashed.flatMap((suffix) => methods.map((method) => ({ method, suffix }))))(
      "$method $suffix is not a valid request",
      async ({ method, suffix }) => {
        const { status } = await send(method, `/functions/v1${suffix.replace("ADDRESS", address)}`);

        expect(reached).toEqual([]);
        expect(status).toBe(400);
      },
    );

    test("a path below a function goes to that function, whatever it contains", async () => {
      await write(
        "hello",
        `export default { fetch: (request: Request) => new Response(new URL(request.url).pathname) };`,
      );

      const { body } = await send("GET", `/functions/v1/hello//${address}/secret.txt`);

      expect(body).toBe(`/hello//${address}/secret.txt`);
      expect(reached).toEqual([]);
    });

    /** Sends the path unchanged. fetch would change backslashes and dots. */
    function send(method: string, rawPath: string): Promise<{ status: number | undefined; body: string }> {
      return new Promise((resolve, reject) => {
        const { hostname, port } = new URL(backend.url);
        const outgoing = request({ hostname, port, method, path: rawPath }, async (response) => {
          const chunks = await response.toArray();
          resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() });
        });
        outgoing.on("error", reject);
        outgoing.end(method === "POST" ? "{}" : undefined);
      });
    }
  });

  test("may print anything, also while it loads, and its output is logged", async () => {
    await write("hello", `console.log("loading\\n{}"); export default { fetch: () => new Response("printed") };`);
    lines.length = 0;

    expect(await (await call("hello")).text()).toBe("printed");

    expect(lines.slice(0, 2)).toEqual(["loading", "{}"]);
  });

  test("that ends Deno is available again at the next call", async () => {
    await write("hello", `export default { fetch: () => { Deno.exit(3); } };`);
    expect((await call("hello")).status).toBe(503);

    await write("hello", `export default { fetch: () => new Response("back") };`);

    expect(await (await call("hello")).text()).toBe("back");
  });

  test("that does not load is a StartError at the start of the backend, if functions are checked", async () => {
    await write("hello", `import "./missing.ts";`);

    const start = startLocal({ projectRoot: project, checkFunctions: true });

    await expect(start).rejects.toThrow(StartError);
    await expect(start).rejects.toThrow(/supabase\/functions\/hello\/index\.ts does not start: .*missing\.ts/);
  });
});
