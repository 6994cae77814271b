// @ts-types="../_shared/assert-equals.d.ts"
import { assertEquals } from "@std/assert/equals";
import { createHealthHandler } from "./handler.ts";

const get = new Request("http://localhost/health");

Deno.test("says connected, with what the database told, and how long it took", async () => {
  const times = [100, 104.25];
  const handle = createHealthHandler({
    askDatabase: () => Promise.resolve({ migration: "20260101000000", pgvector: "0.8.1" }),
    now: () => times.shift() ?? 0,
  });

  const response = await handle(get);

  assertEquals(response.status, 200);
  assertEquals(await response.json(), {
    status: "ok",
    database: "connected",
    migration: "20260101000000",
    pgvector: "0.8.1",
    latency_ms: 4.3,
  });
});

Deno.test("says disconnected when the database answers with an error, or throws, or takes too long", async () => {
  const faults = [
    () => Promise.resolve(null),
    () => Promise.reject(new Error("connection refused")),
    (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  ];
  for (const askDatabase of faults) {
    const response = await createHealthHandler({ askDatabase, timeoutMs: 20 })(get);

    assertEquals(response.status, 503);
    const { status, database, migration, pgvector } = await response.json();
    assertEquals(
      { status, database, migration, pgvector },
      {
        status: "unavailable",
        database: "disconnected",
        migration: null,
        pgvector: null,
      },
    );
  }
});

Deno.test("refuses what is not a GET", async () => {
  const handle = createHealthHandler({ askDatabase: () => Promise.reject(new Error("must not be asked")) });

  const response = await handle(new Request(get, { method: "POST" }));

  assertEquals(response.status, 405);
  assertEquals(response.headers.get("allow"), "GET, HEAD");
  assertEquals((await response.json()).error.code, "method_not_allowed");
});
