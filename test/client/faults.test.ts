import { createSecretKey } from "node:crypto";
import { getEventListeners } from "node:events";
import { GroundworkError, type RequestSettings, createGroundwork, errorCodes, groundwork } from "#groundwork";
import { startLocal } from "#groundwork/local";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { errorIn } from "../../src/client/http/read-answer.ts";
import { until } from "../setup/until.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "./setup/fault-proxy.ts";
import { type Operation, makeOperations } from "./operation.ts";

const backend = await startLocal();
const proxy: FaultProxy = await startFaultProxy(backend.url);
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await backend.close();
});

interface Outcome {
  operation: Operation;
  value?: unknown;
  error?: unknown;
  /** How many rows have been added. */
  added: number;
  requests: number;
}

/** Makes a user with rows, and the operations on them through the proxy. */
async function newUser() {
  const { client, session, user } = await backend.signUp();
  const direct = groundwork(client);
  const operations = await makeOperations(direct, backend.adminClient());

  const rowsOf = async ({ table }: Operation) => {
    if (!table) return 0;
    const select = `select count(*)::integer as count from public.${table} where user_id = $1`;
    const [counted] = await backend.database.query<{ count: number }>(select, [user.id]);
    return counted!.count;
  };

  async function runAll(requests: RequestSettings, which = operations): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const inTurn = async (turn: Operation[]) => {
      for (const operation of turn) outcomes.push(await run(operation, requests));
    };
    // The reads come first, so that no write changes their rows before.
    const [reads, writes] = [true, false].map((isRead) => which.filter(({ kind }) => (kind === "read") === isRead));
    for (const some of [reads!, writes!]) {
      const byTurn = Map.groupBy(some, ({ turn, table, name }) => turn ?? table ?? name);
      await Promise.all([...byTurn.values()].map(inTurn));
    }
    return outcomes;
  }

  async function run(operation: Operation, requests: RequestSettings): Promise<Outcome> {
    const gw = createGroundwork(proxy.url, backend.publishableKey, {
      requests,
      accessToken: async () => session.access_token,
      global: { headers: { "x-operation": operation.name } },
    });
    const before = await rowsOf(operation);
    const [settled] = await Promise.allSettled([operation.run(gw)]);
    return {
      operation,
      ...(settled.status === "fulfilled" ? { value: settled.value } : { error: settled.reason }),
      added: (await rowsOf(operation)) - before,
      requests: proxy.requestsOf(operation.name),
    };
  }

  return { direct, operations, runAll, run };
}

const html = "<html><body>Bad gateway</body></html>";
const answer = (status: number, body = html, headers?: Record<string, string>): Fault => ({
  kind: "answer",
  status,
  body,
  ...(headers && { headers }),
});
const json = { "content-type": "application/json" };

/**
 * Faults by which a request never reaches the backend, with the code that callers see if every request meets the fault.
 */
const final: [name: string, fault: Fault, code: string][] = [
  ["a connection that breaks", { kind: "drop" }, "unavailable"],
  ["502 from a proxy", answer(502), "unavailable"],
  ["500 from Postgres", answer(500, '{"code":"XX000","message":"internal error"}', json), "internal"],
  ["429 from a proxy", answer(429, "slow down", { "retry-after": "0" }), "rate_limited"],
  ["504 from a proxy", answer(504), "timeout"],
  ["HTML with status 200", answer(200), "unavailable"],
  ["404 without a code", answer(404), "internal"],
];

/** Faults by which a request never reaches the backend, and which pass. */
const passing: typeof final = [
  ["a connection that breaks", { kind: "drop" }, "unavailable"],
  ["500 from a proxy", answer(500), "unavailable"],
  ["503 without a body", answer(503, ""), "unavailable"],
  ["a database that is shutting down", answer(500, '{"code":"57P01","message":"terminating"}', json), "unavailable"],
  ["a body that is null", answer(500, "null", json), "unavailable"],
  ["429 from a proxy", answer(429, "slow down", { "retry-after": "0" }), "rate_limited"],
  ["HTML with status 200", answer(200), "unavailable"],
];

/** These methods read before they write, and the read may be repeated. */
const readsFirst = /^(account.update|preferences.reset)$/;

const quick: RequestSettings = { maxRetries: 1, timeoutMs: 20_000 };

describe("a request that never reaches the backend", () => {
  let user: Awaited<ReturnType<typeof newUser>>;
  const expected = new Map<string, unknown>();
  beforeAll(async () => {
    user = await newUser();
    const reads = user.operations.filter(({ kind }) => kind === "read");
    for (const { operation, value } of await user.runAll(quick, reads)) expected.set(operation.name, value);
  });

  test("is tested for all methods of all domains", () => {
    const all = Object.entries(user.direct)
      .filter(([domain]) => domain !== "supabase")
      .flatMap(([domain, methods]) => Object.keys(methods).map((method) => `${domain}.${method}`))
      .concat("search");

    const covered = new Set(user.operations.map(({ name }) => name.split(" ")[0]!));
    expect([...covered].toSorted()).toEqual(all.toSorted());
  });

  test.for(final)("(%s, every time) is an error with a code, and writes nothing", async ([, fault, code]) => {
    proxy.meet(fault);
    for (const { operation, added, error, value } of await user.runAll(quick)) {
      expect.soft({ name: operation.name, added, value }).toEqual({ name: operation.name, added: 0, value: undefined });
      expect.soft(error, operation.name).toBeInstanceOf(GroundworkError);
      expect.soft((error as GroundworkError).code, operation.name).toBe(code);
      expect.soft((error as GroundworkError).message, operation.name).not.toMatch(/<html|undefined/);
    }
  });

  test.for(passing)("(%s, once) succeeds if it is repeatable, and is else sent once", async ([, fault, code]) => {
    proxy.meet(fault, "first");
    const oneRequest = user.operations.filter(({ name }) => !readsFirst.test(name));
    for (const { operation, added, requests, error, value } of await user.runAll(quick, oneRequest)) {
      const { name, kind } = operation;
      if (kind === "write") {
        expect.soft([(error as GroundworkError)?.code, added, requests], name).toEqual([code, 0, 1]);
        continue;
      }
      expect.soft(error, name).toBeUndefined();
      if (kind === "read") expect.soft(value, name).toEqual(expected.get(name));
      expect.soft(added, name).toBeLessThanOrEqual(1);
    }
  });
});

describe("a request that reaches the backend", () => {
  const lost: [name: string, fault: Fault][] = [
    ["an answer that is lost", { kind: "lose" }],
    ["an answer that breaks off", { kind: "cut" }],
    ["HTML with status 200 in place of the answer", { kind: "answer after", status: 200, body: html }],
  ];

  test.for(lost)("(%s) is repeated if it reads; a write happens once and is unavailable", async ([, fault]) => {
    const user = await newUser();
    proxy.meet(fault, "first");

    for (const { operation, added, requests, error } of await user.runAll(quick)) {
      const { name, kind, adds } = operation;
      if (kind === "write" && !readsFirst.test(name)) {
        expect.soft([(error as GroundworkError)?.code, requests], name).toEqual(["unavailable", 1]);
      } else {
        expect.soft(error, name).toBeUndefined();
      }
      expect.soft(added, name).toBe(adds ?? 0);
    }
  });

  test.for<[string, Fault]>([
    ["before", { kind: "hang" }],
    ["after", { kind: "hang after" }],
  ])("without an answer %s its work is done is not waited for longer than the time limit", async ([, fault]) => {
    const user = await newUser();
    proxy.meet(fault);

    for (const { operation, requests, error } of await user.runAll({ timeoutMs: 250 })) {
      expect.soft((error as GroundworkError)?.code, operation.name).toBe("timeout");
      expect.soft(requests, operation.name).toBeLessThanOrEqual(1);
    }
  });

  test("that is only slow succeeds", async () => {
    const user = await newUser();
    proxy.meet({ kind: "delay", ms: 100 });

    for (const { operation, added, error } of await user.runAll(quick)) {
      expect.soft(error, operation.name).toBeUndefined();
      expect.soft(added, operation.name).toBe(operation.adds ?? 0);
    }
  });

  test("with an expired token has one error code, and changes nothing", async () => {
    const user = await newUser();
    proxy.meet({ kind: "token", token: await expiredToken() });

    for (const { operation, added, requests, error } of await user.runAll(quick)) {
      expect
        .soft([(error as GroundworkError)?.code, added, requests], operation.name)
        .toEqual(["unauthenticated", 0, 1]);
    }
  });
});

describe("waiting and ending", () => {
  let user: Awaited<ReturnType<typeof newUser>>;
  beforeAll(async () => {
    user = await newUser();
  });
  const operation = (name: string) => user.operations.find((one) => one.name === name)!;

  test("Retry-After is followed", async () => {
    proxy.meet(answer(429, "", { "retry-after": "1" }), "first");
    const started = Date.now();

    const { error, requests } = await user.run(operation("tasks.list"), quick);

    expect([error, requests]).toEqual([undefined, 2]);
    expect(Date.now() - started).toBeGreaterThanOrEqual(1000);
  });

  test("the error comes at once if Retry-After is later than the time limit", async () => {
    const inAMinute = new Date(Date.now() + 60_000).toUTCString();
    for (const wait of ["60", inAMinute]) {
      proxy.meet(answer(429, "", { "retry-after": wait }));

      const { error, requests } = await user.run(operation("tasks.list"), quick);

      expect([(error as GroundworkError).code, requests]).toEqual(["rate_limited", 1]);
    }
  });

  test("reads are tried four times by default, with growing pauses", async () => {
    proxy.meet(answer(502));
    const started = Date.now();

    const { error, requests } = await user.run(operation("tasks.get"), {});

    expect([(error as GroundworkError).code, requests]).toEqual(["unavailable", 4]);
    expect(Date.now() - started).toBeGreaterThanOrEqual(100 + 200 + 400);
  });

  test("a signal ends a call at once with its own reason, and no timer or listener is left", async () => {
    const gw = createGroundwork(proxy.url, backend.publishableKey, {
      global: { headers: { "x-operation": "aborted" } },
    });
    const abort = new AbortController();
    const reason = new Error("The page was left.");
    const before = AbortSignal.abort(reason);

    proxy.meet({ kind: "hang" });
    await expect(gw.tasks.list({}, { signal: before })).rejects.toBe(reason);
    expect(proxy.requestsOf("aborted")).toBe(0);

    const hanging = gw.tasks.list({}, { signal: abort.signal });
    await until("the request has come", () => proxy.requestsOf("aborted") === 1);
    abort.abort(reason);
    await expect(hanging).rejects.toBe(reason);

    proxy.meet(answer(502, html, { "retry-after": "5" }));
    const pauseAbort = new AbortController();
    const pausing = gw.tasks.list({}, { signal: pauseAbort.signal });
    await until("it pauses", () => proxy.requestsOf("aborted") === 1);
    pauseAbort.abort(reason);
    await expect(pausing).rejects.toBe(reason);
    expect([abort, pauseAbort].flatMap(({ signal }) => getEventListeners(signal, "abort"))).toEqual([]);
  });

  test("a signal with a timeout ends a call with its own reason", async () => {
    const gw = createGroundwork(proxy.url, backend.publishableKey);
    proxy.meet({ kind: "hang" });

    const signal = AbortSignal.timeout(50);
    const call = gw.tasks.list({}, { signal });

    await expect(call).rejects.toMatchObject({ name: "TimeoutError" });
    await expect(call).rejects.toBe(signal.reason);
  });

  test("a refresh of the token that never ends does not block a call", async () => {
    const gw = createGroundwork(backend.url, backend.publishableKey, { accessToken: () => new Promise(() => {}) });

    await expect(gw.tasks.list({}, { timeoutMs: 50 })).rejects.toMatchObject({ code: "timeout" });
  });
});

test("every error code of the backend is mapped by its status", () => {
  const mapped = Object.entries(errorCodes).map(([code, { status, message }]) => {
    return [code, errorIn({ data: null, error: { code, message }, status })!.code];
  });

  const expected: Record<number, string> = {
    400: "validation",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    422: "validation",
    429: "limit_exceeded",
  };
  expect(mapped).toEqual(Object.entries(errorCodes).map(([code, { status }]) => [code, expected[status]]));
});

test.for([
  [400, "validation"],
  [404, "internal"],
  [410, "not_found"],
  [413, "validation"],
  [415, "validation"],
  [422, "validation"],
  [429, "rate_limited"],
  [502, "internal"],
  [503, "unavailable"],
  [504, "timeout"],
] as const)("a refusal of a function with status %i is %s", ([status, code]) => {
  const error = { error: { code: "some_code", message: "Because." } };

  expect(errorIn({ data: null, error, status })).toMatchObject({ code, backendCode: "some_code", message: "Because." });
});

/** Makes a token that is valid except that it has expired. */
function expiredToken(): Promise<string> {
  return new SignJWT({ role: "authenticated", aud: "authenticated", sub: crypto.randomUUID() })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuedAt(0)
    .setExpirationTime(3600)
    .sign(createSecretKey(Buffer.from(backend.jwtSecret)));
}
