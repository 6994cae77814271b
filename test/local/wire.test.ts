import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { PGlite, protocol } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite/vector";
import fc from "fast-check";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { SharedSession, Tenant } from "../../src/local/database/shared-session.ts";
import { startWireServer, type WireServer } from "../../src/local/wire/wire-server.ts";

const { serialize } = protocol;
type BackendMessage = Awaited<ReturnType<PGlite["execProtocol"]>>["messages"][number];

let pglite: PGlite;
let session: SharedSession;
let wire: WireServer;
const http = new Tenant("http");
const log: string[] = [];
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  pglite = await PGlite.create({ extensions: { vector } });
  await pglite.exec("create role anon nologin; create extension vector; create table entries (label text)");
  session = new SharedSession(pglite);
  wire = await startWireServer({ session, port: 0, log: (line) => log.push(line) });
});

afterAll(async () => {
  await wire.close();
  await pglite.close();
});

beforeEach(async () => {
  log.length = 0;
  await onHttp("truncate entries");
});

afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
});

/** Runs one query while it holds the session, as an HTTP request does. */
async function onHttp<T = Record<string, unknown>>(sql: string, parameters: unknown[] = []): Promise<T[]> {
  return session.use(http, async () => (await pglite.query<T>(sql, parameters)).rows);
}

/** A client with one connection. */
function connect(options: postgres.Options<Record<string, never>> = {}, port = wire.port): postgres.Sql {
  const sql = postgres(`postgresql://postgres:postgres@127.0.0.1:${port}/postgres`, {
    max: 1,
    fetch_types: false,
    onnotice: () => {},
    ...options,
  });
  cleanups.push(() => sql.end({ timeout: 1 }));
  return sql;
}

/** A client that sends exactly the given messages. */
class RawClient {
  readonly socket: Socket;
  readonly #parser = new protocol.Parser();
  readonly #received: BackendMessage[] = [];
  #wake = () => {};

  constructor(port = wire.port) {
    this.socket = connectSocket({ port, host: "127.0.0.1" });
    this.socket.on("error", () => {});
    this.socket.on("data", (chunk) => {
      this.#parser.parse(chunk as never, (message) => this.#received.push(message));
      this.#wake();
    });
    this.socket.on("close", () => this.#wake());
    cleanups.push(() => this.socket.destroy());
  }

  static async connect(parameters: Record<string, string> = {}, port?: number): Promise<RawClient> {
    const client = new RawClient(port);
    client.send(startup({ user: "postgres", ...parameters }));
    await client.until("readyForQuery");
    return client;
  }

  /** The number of messages since `until` last returned. */
  get pending(): number {
    return this.#received.length;
  }

  send(...messages: Uint8Array[]): void {
    this.socket.write(Buffer.concat(messages));
  }

  /** Returns the messages up to the first one with this name. */
  async until(name: string): Promise<BackendMessage[]> {
    const end = () => this.#received.findIndex((message) => message.name === name) + 1;
    while (!end()) {
      if (this.socket.closed) throw new Error(`closed before ${name}: ${this.#received.map((m) => m.name).join(" ")}`);
      await new Promise<void>((wake) => (this.#wake = wake));
    }
    return this.#received.splice(0, end());
  }

  async query(text: string): Promise<BackendMessage[]> {
    this.send(serialize.query(text));
    return this.until("readyForQuery");
  }

  async closed(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, "close");
  }
}

/** The same as `serialize.startup`, which always asks for UTF8. */
function startup(parameters: Record<string, string>): Buffer {
  const body = Buffer.from([...Object.entries(parameters).flat(), ""].map((text) => `${text}\0`).join(""));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(head.length + body.length);
  head.writeUInt32BE(0x0003_0000, 4);
  return Buffer.concat([head, body]);
}

const names = (messages: BackendMessage[]) => messages.map((message) => message.name);

const fields = (messages: BackendMessage[]) =>
  messages.filter((message) => message instanceof protocol.messages.DataRowMessage).map((row) => row.fields);

const errors = (messages: BackendMessage[]) =>
  messages.filter((message) => message instanceof protocol.messages.DatabaseError);

const copyData = (text: string) => serialize.copyData(Buffer.from(text) as never);

describe("transactions", () => {
  const plan = fc.record({
    party: fc.constantFrom("http", "wire 1", "wire 2", "wire 3"),
    statements: fc.integer({ min: 1, max: 4 }),
    outcome: fc.constantFrom("commit", "commit", "roll back", "fail", "no transaction"),
  });

  test("of HTTP and several wire clients at once are each committed or rolled back as a whole", async () => {
    const clients = new Map(["wire 1", "wire 2", "wire 3"].map((party) => [party, connect()]));

    async function run(party: string, labels: string[], outcome: string): Promise<void> {
      const statements = outcome === "fail" ? [...labels, "not a number"] : labels;
      const insert = (label: string) =>
        `insert into entries select '${label}' where '${label === "not a number" ? label : 1}'::int = 1`;
      const sql = clients.get(party);
      if (outcome === "no transaction") {
        for (const label of labels) await (sql ? sql.unsafe(insert(label)) : onHttp(insert(label)));
      } else if (sql) {
        await sql.begin(async (transaction) => {
          for (const label of statements) await transaction.unsafe(insert(label));
          if (outcome === "roll back") throw new Error("rolled back");
        });
      } else {
        await session.use(http, async () => {
          await pglite.query("begin");
          try {
            for (const label of statements) await pglite.query(insert(label));
            await pglite.query(outcome === "roll back" ? "rollback" : "commit");
          } catch {
            await pglite.query("rollback");
          }
        });
      }
    }

    await fc.assert(
      fc.asyncProperty(fc.array(plan, { minLength: 200, maxLength: 200 }), async (plans) => {
        await onHttp("truncate entries");
        const labelled = plans.map(({ party, statements, outcome }, i) => ({
          party,
          outcome,
          labels: Array.from({ length: statements }, (_, k) => `${i}.${k}`),
        }));

        await Promise.all(
          ["http", ...clients.keys()].map(async (party) => {
            for (const { labels, outcome } of labelled.filter((one) => one.party === party)) {
              await run(party, labels, outcome).catch((error: Error) => {
                if (outcome !== "roll back" && outcome !== "fail") throw error;
              });
            }
          }),
        );

        const kept = labelled.filter(({ outcome }) => outcome === "commit" || outcome === "no transaction");
        const rows = await onHttp<{ label: string }>("select label from entries");
        expect(rows.map(({ label }) => label).toSorted()).toEqual(kept.flatMap(({ labels }) => labels).toSorted());
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });

  test("of a killed client are rolled back, and the others continue", async () => {
    const killed = await RawClient.connect();
    await killed.query("begin");
    await killed.query("insert into entries values ('killed')");
    const waiting = onHttp("select label from entries");

    killed.socket.destroy();

    expect(await waiting).toEqual([]);
  });

  test("of a client killed in the middle of a message, or before Sync, are rolled back", async () => {
    const half = await RawClient.connect();
    await half.query("begin; insert into entries values ('half')");
    half.socket.write(serialize.query("insert into entries values ('more')").subarray(0, 20), () =>
      half.socket.destroy(),
    );

    expect(await onHttp("select count(*)::int from entries")).toEqual([{ count: 0 }]);

    const insert = [
      serialize.parse({ text: "insert into entries values ('unsynced')" }),
      serialize.bind({}),
      serialize.execute({}),
    ];
    const unsynced = await RawClient.connect();
    unsynced.send(...insert);
    await unsynced.until("commandComplete");
    unsynced.socket.destroy();

    expect(await onHttp("select count(*)::int from entries")).toEqual([{ count: 0 }]);

    await RawClient.connect(); // This client stays, because the last client that leaves would cause a rollback in any case.
    const failed = await RawClient.connect();
    await failed.query("begin; insert into entries values ('failed')");
    failed.send(serialize.bind({ statement: "unknown" }));
    await failed.until("error");
    failed.socket.destroy();

    await vi.waitFor(() => expect(pglite.isInTransaction()).toBe(false));
    expect(await onHttp("select count(*)::int from entries")).toEqual([{ count: 0 }]);
  });

  test("make another connection wait, not fail", async () => {
    const first = await RawClient.connect();
    await first.query("begin; insert into entries values ('first')");

    const second = await RawClient.connect();
    second.send(serialize.query("select count(*) from entries"));
    await first.query("select 1");
    expect(second.pending).toBe(0);
    await first.query("rollback");

    expect(fields(await second.until("readyForQuery"))).toEqual([["0"]]);
  });

  test("continue after an error is rolled back", async () => {
    const sql = connect();

    await expect(
      sql.begin(async (transaction) => {
        await transaction`insert into entries values ('lost')`;
        await transaction`select 1 / 0`;
      }),
    ).rejects.toMatchObject({ code: "22012" });

    expect(await sql`select * from entries`).toEqual([]);
    await sql.begin((transaction) => transaction`insert into entries values ('kept')`);
    expect(await onHttp("select label from entries")).toEqual([{ label: "kept" }]);
  });

  test("that a tenant left open are rolled back before the next one's turn", async () => {
    await session.use(http, () => pglite.exec("begin; insert into entries values ('left open')"));

    expect(await connect()`select * from entries`).toEqual([]);
  });
});

describe("session settings", () => {
  const settings = `
    select
      current_user as role,
      current_setting('search_path') as path,
      current_setting('statement_timeout') as timeout,
      coalesce(current_setting('request.jwt.claims', true), '') as claims,
      coalesce(current_setting('app.tenant', true), '') as tenant
  `;
  const defaults = { role: "postgres", path: "public", timeout: "0", claims: "", tenant: "" };

  test("of a connection stay after HTTP requests, and affect neither these nor another connection", async () => {
    const sql = connect();
    const other = connect();
    await sql`set search_path = extensions, "odd ""name", public`;
    await sql`set statement_timeout = '5min'`;
    await sql`select set_config('request.jwt.claims', '{"sub":"ä"}', false)`;
    await sql`set app.tenant = 'blue'`;
    await sql`set role anon`;
    const own = {
      role: "anon",
      path: 'extensions, "odd ""name", public',
      timeout: "5min",
      claims: '{"sub":"ä"}',
      tenant: "blue",
    };

    for (let turn = 0; turn < 2; turn += 1) {
      expect(await onHttp(settings)).toEqual([defaults]);
      expect(await sql.unsafe(settings)).toEqual([own]);
      expect(await other.unsafe(settings)).toEqual([defaults]);
      expect(await sql.unsafe(settings)).toEqual([own]);
    }

    await sql`reset role`;
    expect(await other.unsafe(settings)).toEqual([defaults]);
    expect(await sql.unsafe(settings)).toEqual([{ ...own, role: "postgres" }]);
    await sql.end();
    expect(await connect().unsafe(settings)).toEqual([defaults]);
  });

  test("of HTTP stay after a connection", async () => {
    await onHttp("set statement_timeout = 4000");
    expect(await connect().unsafe(settings)).toEqual([defaults]);
    expect(await onHttp(settings)).toEqual([{ ...defaults, timeout: "4s" }]);
    await onHttp("reset statement_timeout");
  });

  test("keep a session authorization and the role below it", async () => {
    await onHttp("create role app_login");
    await onHttp("create role app_reader");
    await onHttp("grant app_reader to app_login");
    const sql = connect();
    await sql.unsafe("set session authorization app_login; set role app_reader");

    expect(await onHttp("select session_user, current_user")).toEqual([
      { session_user: "postgres", current_user: "postgres" },
    ]);
    expect(await sql`select session_user, current_user`).toEqual([
      { session_user: "app_login", current_user: "app_reader" },
    ]);
  });

  test("come from the startup parameters too", async () => {
    const sql = connect({
      connection: { application_name: "the test", search_path: "extensions", "app.tenant": "green" } as never,
    });
    expect(await sql.unsafe(settings)).toEqual([{ ...defaults, path: "extensions", tenant: "green" }]);
    expect(await sql`show application_name`).toEqual([{ application_name: "the test" }]);

    const raw = await RawClient.connect({ options: String.raw`-c search_path=a,\ b --statement-timeout=7s` });
    expect(fields(await raw.query("show search_path"))).toEqual([["a, b"]]);
    expect(fields(await raw.query("show statement_timeout"))).toEqual([["7s"]]);
  });

  test("do not include a client encoding that PGlite does not have", async () => {
    const client = await RawClient.connect({ client_encoding: "'utf-8'" });
    expect(errors(await client.query("set client_encoding to 'latin1'"))).toMatchObject([
      { code: "22023", message: expect.stringContaining("latin1: the embedded database has only UTF8") },
    ]);
    client.send(
      serialize.parse({ text: "set names win1252" }),
      serialize.bind({}),
      serialize.execute({}),
      serialize.sync(),
    );
    expect(errors(await client.until("readyForQuery"))).toMatchObject([{ code: "22023" }]);
    await client.query("set names 'UTF8'");
    expect(fields(await client.query("select 'ł', current_setting('client_encoding')"))).toEqual([["ł", "UTF8"]]);

    const refused = new RawClient();
    refused.send(startup({ user: "postgres", client_encoding: "LATIN1" }));
    expect(errors(await refused.until("error"))).toMatchObject([{ severity: "FATAL", code: "22023" }]);
  });

  test("that cannot be restored end the connection, and are removed", async () => {
    await onHttp("create role short_lived");
    const sql = await RawClient.connect();
    await sql.query("set search_path = extensions; set role short_lived");
    await onHttp("drop role short_lived");

    sql.send(serialize.query("select 1"));
    expect(errors(await sql.until("error"))).toMatchObject([
      { severity: "FATAL", message: 'role "short_lived" does not exist' },
    ]);
    await sql.closed();

    expect(await onHttp(settings)).toEqual([defaults]);
    expect(log).toEqual([expect.stringContaining('role "short_lived" does not exist')]);
  });
});

describe("prepared statements", () => {
  test("with the same name on two connections are two", async () => {
    const warning = vi.spyOn(console, "error").mockReturnValue(); // The serializer warns about long names.
    cleanups.push(() => warning.mockRestore());
    const long = "statement_".repeat(7);
    const [one, two] = [await RawClient.connect(), await RawClient.connect()];
    for (const name of ["s", `${long}a`, `${long}b`]) {
      one.send(serialize.parse({ name, text: `select 'one ${name}'` }), serialize.sync());
      two.send(serialize.parse({ name, text: `select 'two ${name}'` }), serialize.sync());
      expect(names(await one.until("readyForQuery"))).toEqual(["parseComplete", "readyForQuery"]);
      expect(names(await two.until("readyForQuery"))).toEqual(["parseComplete", "readyForQuery"]);
    }
    for (const name of ["s", `${long}a`, `${long}b`]) {
      for (const client of [one, two]) {
        client.send(
          serialize.describe({ type: "S", name }),
          serialize.bind({ statement: name }),
          serialize.execute({}),
          serialize.sync(),
        );
      }
      expect(fields(await one.until("readyForQuery"))).toEqual([[`one ${name}`]]);
      expect(fields(await two.until("readyForQuery"))).toEqual([[`two ${name}`]]);
    }

    one.send(serialize.close({ type: "S", name: "s" }), serialize.bind({ statement: "s" }), serialize.sync());
    expect(errors(await one.until("readyForQuery"))).toMatchObject([{ code: "26000" }]);
    two.send(serialize.bind({ statement: "s" }), serialize.execute({}), serialize.sync());
    expect(fields(await two.until("readyForQuery"))).toEqual([["two s"]]);
  });

  test("without a name stay when other tenants run between Parse and Bind", async () => {
    const [one, two] = [await RawClient.connect(), await RawClient.connect()];
    for (const text of ["select $1::int + 1", "select $1::int + 2"]) {
      one.send(serialize.parse({ text }), serialize.describe({ type: "S" }), serialize.sync());
      expect(names(await one.until("readyForQuery"))).toEqual([
        "parseComplete",
        "parameterDescription",
        "rowDescription",
        "readyForQuery",
      ]);
    }

    expect(await onHttp("select $1::text as other", ["http"])).toEqual([{ other: "http" }]);
    two.send(serialize.parse({ text: "select 'two'" }), serialize.sync());
    await two.until("readyForQuery");

    one.send(serialize.bind({ values: ["40"] }), serialize.execute({}), serialize.sync());
    expect(fields(await one.until("readyForQuery"))).toEqual([["42"]]);
  });

  test("and temporary tables are removed when their client leaves", async () => {
    const sql = connect();
    await sql`select ${1}::int`;
    await sql`create temp table scratch (id int)`;
    await sql`declare held cursor with hold for select 1`;
    expect(
      await onHttp("select to_regclass('scratch') is not null as there, count(*)::int from pg_prepared_statements"),
    ).toEqual([{ there: true, count: expect.toSatisfy((count: number) => count > 0) }]);

    await sql.end();

    await vi.waitFor(async () => {
      expect(
        await onHttp(
          "select to_regclass('scratch') as scratch, (select count(*)::int from pg_prepared_statements) as statements, (select count(*)::int from pg_cursors where name = 'held') as cursors",
        ),
      ).toEqual([{ scratch: null, statements: 0, cursors: 0 }]);
    });
  });
});

describe("the extended protocol", () => {
  test("skips everything after an error up to Sync, then continues", async () => {
    const client = await RawClient.connect();
    client.send(
      serialize.parse({ text: "select nonsense" }),
      serialize.bind({}),
      serialize.execute({}),
      serialize.sync(),
      serialize.parse({ text: "insert into entries values ('undone')" }),
      serialize.bind({}),
      serialize.execute({}),
      serialize.parse({ text: "select 1 / 0" }),
      serialize.bind({}),
      serialize.execute({}),
      serialize.execute({}),
      serialize.sync(),
      serialize.query("select count(*) from entries"),
    );

    expect(names(await client.until("readyForQuery"))).toEqual(["error", "readyForQuery"]);
    expect(names(await client.until("readyForQuery"))).toEqual([
      "parseComplete",
      "bindComplete",
      "commandComplete",
      "parseComplete",
      "error",
      "readyForQuery",
    ]);
    expect(fields(await client.until("readyForQuery"))).toEqual([["0"]]);
  });

  test("answers at Flush, before Sync", async () => {
    const client = await RawClient.connect();
    client.send(serialize.parse({ text: "select 7" }), serialize.describe({ type: "S" }), serialize.flush());
    expect(names(await client.until("rowDescription"))).toEqual([
      "parseComplete",
      "parameterDescription",
      "rowDescription",
    ]);
    client.send(serialize.bind({}), serialize.execute({}), serialize.sync());
    expect(names(await client.until("readyForQuery"))).toEqual([
      "bindComplete",
      "dataRow",
      "commandComplete",
      "readyForQuery",
    ]);
  });

  test("an error in a client library's query leaves the connection usable", async () => {
    const sql = connect();
    await expect(sql`select ${"x"}::int`).rejects.toMatchObject({ code: "22P02" });
    await expect(sql`select nonsense`).rejects.toMatchObject({ code: "42703" });
    expect(await sql`select ${"[1,2]"}::vector as place`).toEqual([{ place: "[1,2]" }]);
  });

  test("fetches a portal in parts", async () => {
    const client = await RawClient.connect();
    client.send(
      serialize.parse({ text: "select generate_series(1, 3)" }),
      serialize.bind({}),
      serialize.execute({ rows: 2 }),
      serialize.execute({ rows: 2 }),
      serialize.sync(),
    );
    expect(names(await client.until("readyForQuery"))).toEqual([
      "parseComplete",
      "bindComplete",
      "dataRow",
      "dataRow",
      "portalSuspended",
      "dataRow",
      "commandComplete",
      "readyForQuery",
    ]);
  });
});

describe("copy", () => {
  test("takes rows from a client library, in both directions", async () => {
    const sql = connect();
    await pipeline(["one\ntwo\n", "three\n"], await sql`copy entries (label) from stdin`.writable());
    expect(await onHttp("select label from entries")).toEqual([{ label: "one" }, { label: "two" }, { label: "three" }]);

    const copied: Buffer[] = [];
    for await (const chunk of await sql`copy entries to stdout`.readable()) copied.push(chunk as Buffer);
    expect(Buffer.concat(copied).toString()).toBe("one\ntwo\nthree\n");
  });

  test("takes rows in the extended protocol, and continues after a failure", async () => {
    const client = await RawClient.connect();
    const copy = [
      serialize.parse({ text: "-- copies\ncopy public.entries from stdin" }),
      serialize.bind({}),
      serialize.execute({}),
    ];
    client.send(...copy, serialize.sync());
    expect(names(await client.until("copyInResponse"))).toEqual(["parseComplete", "bindComplete", "copyInResponse"]);
    client.send(copyData("one\n"), copyData("two\n"), serialize.copyDone(), serialize.sync());
    expect(names(await client.until("readyForQuery"))).toEqual(["commandComplete", "readyForQuery"]);

    client.send(...copy, serialize.flush());
    await client.until("copyInResponse");
    client.send(copyData("one\ttoo many\n"), serialize.copyDone(), serialize.sync());
    expect(errors(await client.until("readyForQuery"))).toMatchObject([{ code: "22P04" }]);

    client.send(serialize.query("copy entries from stdin"));
    await client.until("copyInResponse");
    client.send(copyData("three\n"), serialize.copyFail("changed my mind"));
    expect(errors(await client.until("readyForQuery"))).toMatchObject([{ code: "57014" }]);

    expect(fields(await client.query("select label from entries"))).toEqual([["one"], ["two"]]);
  });

  test("inside a longer query is refused with a reason", async () => {
    const client = await RawClient.connect();
    expect(errors(await client.query("select 1; copy entries from stdin"))).toMatchObject([
      { code: "57014", message: expect.stringContaining("must be the only statement") },
    ]);
    client.send(serialize.query("copy entries from stdin; copy entries from stdin"));
    await client.until("copyInResponse");
    client.send(copyData("one\n"), serialize.copyDone());
    expect(errors(await client.until("readyForQuery"))).toMatchObject([{ code: "57014" }]);
    expect(fields(await client.query("select count(*) from entries"))).toEqual([["0"]]);
  });
});

describe("connections", () => {
  test("can be opened and closed many times", async () => {
    const gone: Promise<void>[] = [];
    for (let i = 0; i < 50; i += 1) {
      const sql = connect();
      expect(await sql`select ${i}::int as i`).toEqual([{ i }]);
      gone.push(sql.end());
    }
    await Promise.all(gone);
    expect(log).toEqual([]);
  });

  test("that ask for encryption are told to continue without it", async () => {
    expect(await connect({ ssl: "prefer" })`select 1 as one`).toEqual([{ one: 1 }]);
  });

  test("get the parameters that a server reports at the start", async () => {
    const client = new RawClient();
    client.send(
      startup({ user: "postgres", database: "postgres", application_name: "raw", client_encoding: "'utf-8'" }),
    );
    const greeting = await client.until("readyForQuery");

    const reported = greeting.filter((message) => message instanceof protocol.messages.ParameterStatusMessage);
    expect(Object.fromEntries(reported.map((m) => [m.parameterName, m.parameterValue]))).toMatchObject({
      application_name: "raw",
      client_encoding: "UTF8",
      server_version: expect.stringMatching(/^17\./),
      session_authorization: "postgres",
      standard_conforming_strings: "on",
    });
    expect(names(greeting)[0]).toBe("authenticationOk");
    expect(names(greeting).slice(-2)).toEqual(["backendKeyData", "readyForQuery"]);
  });

  test.each([
    [{ user: "anon" }, "28000"],
    [{ user: "postgres", database: "other" }, "3D000"],
  ])("as %o are refused with %s", async (parameters, code) => {
    const client = new RawClient();
    client.send(startup(parameters as Record<string, string>));
    expect(errors(await client.until("error"))).toMatchObject([{ severity: "FATAL", code }]);
    await client.closed();
  });

  test("accept messages in pieces of any size", async () => {
    const client = new RawClient();
    client.socket.setNoDelay(true);
    const bytes = Buffer.concat([startup({ user: "postgres" }), serialize.query("select 'in pieces'")]);
    for (const byte of bytes) await new Promise((written) => client.socket.write(Buffer.of(byte), written));

    await client.until("readyForQuery");
    expect(fields(await client.until("readyForQuery"))).toEqual([["in pieces"]]);
  });

  const garbage: [string, Buffer, { started: boolean }][] = [
    ["an HTTP request", Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), { started: false }],
    ["a TLS handshake", Buffer.from("16030100f5010000f10303", "hex"), { started: false }],
    ["another protocol version", Buffer.from("000000080002000000", "hex"), { started: false }],
    ["a startup packet without an end", Buffer.from("0000000c0003000075736572", "hex"), { started: false }],
    ["a message of 2 GB", Buffer.from("5180000000", "hex"), { started: true }],
    ["a message of 3 bytes", Buffer.from("5100000003", "hex"), { started: true }],
    ["an unknown message", Buffer.from("7a00000004", "hex"), { started: true }],
    ["a name without an end", Buffer.from("50000000056e", "hex"), { started: true }],
  ];
  test.each(garbage)("that send %s are closed alone, with a line in the log", async (_, bytes, { started }) => {
    const other = connect();
    await other`select 1`;
    const client = started ? await RawClient.connect() : new RawClient();

    client.send(bytes);

    if (started) expect(errors(await client.until("error"))).toMatchObject([{ severity: "FATAL", code: "08P01" }]);
    await client.closed();
    expect(log).toHaveLength(1);
    expect(await other`select 1 as one`).toEqual([{ one: 1 }]);
  });

  test("that ask to cancel are closed", async () => {
    const client = new RawClient();
    client.send(Buffer.from("0000001004d2162e0000000100000000", "hex"));
    await client.closed();
    expect(log).toEqual([]);
  });

  test("get a FATAL error and a line in the log after an internal error", async () => {
    const broken = new SharedSession(pglite);
    const server = await startWireServer({ session: broken, port: 0, log: (line) => log.push(line) });
    cleanups.push(() => server.close());
    const client = await RawClient.connect({}, server.port);
    const acquire = vi.spyOn(broken, "acquire").mockRejectedValueOnce(new Error("out of order"));

    client.send(serialize.query("select 1"));

    expect(errors(await client.until("error"))).toMatchObject([
      { severity: "FATAL", code: "XX000", message: "out of order" },
    ]);
    await client.closed();
    expect(log).toEqual([expect.stringMatching(/^wire \d+: out of order$/)]);
    acquire.mockRestore();
  });
});

describe("the server", () => {
  test("refuses a port in use with the system's error", async () => {
    await expect(startWireServer({ session, port: wire.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  test("rolls back and sends a final error when it closes", async () => {
    const server = await startWireServer({ session, port: 0, log: (line) => log.push(line) });
    const busy = await RawClient.connect({}, server.port);
    const waiting = await RawClient.connect({}, server.port);
    await busy.query("begin; insert into entries values ('lost')");
    waiting.send(serialize.query("insert into entries values ('never')"));

    await server.close();

    expect(pglite.isInTransaction()).toBe(false);
    for (const client of [busy, waiting]) {
      expect(errors(await client.until("error"))).toMatchObject([{ severity: "FATAL", code: "57P01" }]);
      await client.closed();
    }
    expect(await onHttp("select label from entries")).toEqual([]);
    await server.close();
    expect(log).toEqual([]);
  });
});

describe("large messages", () => {
  test("of 10 MB are stored and returned unchanged", async () => {
    const sql = connect();
    const text = "0123456789".repeat(1_000_000);
    await sql`insert into entries values (${text})`;
    const [row] = await sql<{ label: string }[]>`select label from entries`;
    expect(row!.label === text).toBe(true);
  });

  test("of 100,000 rows come in order", async () => {
    const rows = await connect()<
      { i: number; s: string }[]
    >`select i, repeat('y', 50) as s from generate_series(1, 100000) as i`;
    expect(rows).toHaveLength(100_000);
    expect(rows.every(({ i, s }, at) => i === at + 1 && s.length === 50)).toBe(true);
  });

  test("do not block other clients while their client does not read", async () => {
    const [slow, other] = [await RawClient.connect(), await RawClient.connect()];
    slow.socket.pause();
    slow.send(
      serialize.query("insert into entries values ('before'); select repeat('x', 20000000)"),
      serialize.query("insert into entries values ('after')"),
    );

    await vi.waitFor(async () => expect(await onHttp("select label from entries")).toEqual([{ label: "before" }]));
    // The second query waits until its client has read the answer to the first one.
    await other.query("select 1");
    expect(await onHttp("select label from entries")).toEqual([{ label: "before" }]);
    slow.socket.resume();

    expect(fields(await slow.until("readyForQuery"))[0]![0]).toHaveLength(20_000_000);
    await slow.until("readyForQuery");
    expect(await onHttp("select label from entries")).toEqual([{ label: "before" }, { label: "after" }]);
  });
});
