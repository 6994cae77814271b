import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { type PGlite, protocol } from "@electric-sql/pglite";
import { type SharedSession, Tenant } from "../database/shared-session.ts";
import {
  backend,
  type FrontendMessage,
  MessageReader,
  parseOptions,
  ProtocolViolation,
  readCString,
  replaceName,
  statementName,
} from "./protocol.ts";

const { serialize } = protocol;

/** The parameters that a server reports at the start of a session (`server_version`, `client_encoding`, …), by name. */
export type ReportedParameters = ReadonlyMap<string, string>;

/** The messages that end a cycle: after them, the backend says that it is ready for the next query. */
const cycleEnds = new Set(["Q", "S", "F"]);

/**
 * PGlite reads its input from a buffer, and ends its process if a `copy … from stdin` finds the buffer empty. Therefore
 * this message follows every command. Postgres ignores it after any other command.
 */
const copyRefused = serialize.copyFail(
  "on this port, copy … from stdin must be the only statement of its query, and have no comments inside",
);

const comment = String.raw`--[^\n]*\n|/\*[^]*?\*/`;
const identifier = String.raw`(?:"(?:[^"]|"")+"|[\w$\u0080-\uffff]+)`;
const copyFromStdin = new RegExp(
  String.raw`^(?:\s|${comment})*copy\s+(binary\s+)?${identifier}(?:\s*\.\s*${identifier})*\s*(?:\([^()]*\)\s*)?from\s+stdin\b(.*)`,
  "is",
);
const customParameter = /\bset\s+(?:session\s+)?((?:\w+\.)+\w+)\s*(?:=|\bto\b)|\bset_config\s*\(\s*'((?:\w+\.)+\w+)'/gi;

const setClientEncoding =
  /^\s*set\s+(?:session\s+|local\s+)?(?:client_encoding\s*(?:=|to)|names)\s*(?:'([^']*)'|([\w-]+))/i;

/** The patterns above search only the first part of a statement, of this length. */
const searchedLength = 65_536;

/** After this time, the log says why nothing answers. */
const longHoldMs = 10_000;

/** The longest name. Postgres cuts longer names off, so two of them would become the same name. */
const maxNameLength = 63;

/** A `copy … from stdin` whose data is still being received. */
interface CopyIn {
  type: string;
  parts: Uint8Array[];
}

/**
 * One client of the wire port. It holds the session from the first message of a cycle until the backend is idle again,
 * which means from `begin` to `commit`. It passes complete messages to PGlite, one at a time.
 */
export class WireConnection {
  readonly #session: SharedSession;
  readonly #socket: Socket;
  readonly #id: number;
  readonly #reported: ReportedParameters;
  readonly #log: (line: string) => void;
  readonly #tenant: Tenant;
  readonly #reader = new MessageReader();
  #started = false;
  #closing = false;
  /** Releases the session; undefined while this connection does not hold it. */
  #release: (() => void) | undefined;
  #longHold: NodeJS.Timeout | undefined;
  /** Prepared statements that may exist in the backend, by the names that they have there. */
  readonly #statements = new Set<string>();
  /** The prepared statements, and their portals, that copy from stdin. The value is the CopyInResponse to send. */
  readonly #copyStatements = new Map<string, Buffer>();
  readonly #copyPortals = new Map<string, Buffer>();
  #copyIn: CopyIn | undefined;

  constructor(options: {
    session: SharedSession;
    socket: Socket;
    id: number;
    reported: ReportedParameters;
    log: (line: string) => void;
  }) {
    this.#session = options.session;
    this.#socket = options.socket;
    this.#id = options.id;
    this.#reported = options.reported;
    this.#log = options.log;
    this.#tenant = new Tenant(`wire ${options.id}`);
    // Without a listener, a client that resets the connection would end the process. run() notices the reset by itself.
    this.#socket.on("error", () => {});
  }

  /** Serves the client until it leaves, and then removes all its state from the session. Never rejects. */
  async run(): Promise<void> {
    try {
      for await (const chunk of this.#socket.iterator({ destroyOnReturn: false })) {
        this.#reader.push(chunk as Buffer);
        if (!(await this.#handleComplete())) break;
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      await this.#leave();
      this.#hangUp();
    }
  }

  /** Ends the connection as a server does that shuts down. `run` then settles. */
  close(): void {
    this.#hangUp(backend.fatal("57P01", "terminating connection due to administrator command"));
  }

  #hangUp(farewell?: Uint8Array): void {
    this.#closing = true;
    if (farewell && this.#started && this.#socket.writable) this.#socket.write(farewell);
    this.#socket.destroySoon();
    // destroySoon waits until everything is sent. If the client does not read, that would be forever.
    setTimeout(() => this.#socket.destroy(), 1000).unref();
  }

  #fail(error: unknown): void {
    const { message, code } = error as NodeJS.ErrnoException;
    if (error === this.#socket.errored || code === "ERR_STREAM_PREMATURE_CLOSE") return;
    this.#log(`${this.#tenant.name}: ${message}`);
    this.#hangUp(backend.fatal(error instanceof ProtocolViolation ? "08P01" : "XX000", message));
  }

  /** Handles the complete messages. Returns false when the connection is over. */
  async #handleComplete(): Promise<boolean> {
    while (!this.#started) {
      const message = this.#reader.nextStartup();
      if (!message) return true;
      if (message.kind === "startup") {
        if (!this.#start(message.parameters, message.minorVersion)) return false;
      } else {
        if (message.kind === "cancel") return false; // A running query cannot be cancelled.
        this.#socket.write("N");
      }
    }
    for (let message = this.#reader.next(); message; message = this.#reader.next()) {
      if (message.type === "X") return false;
      await this.#handle(message);
      if (this.#socket.writableNeedDrain) await drained(this.#socket);
      if (this.#closing || this.#socket.destroyed) return false;
    }
    return true;
  }

  /**
   * Begins the session without waiting for its turn, so that a client can connect while another one has an open
   * transaction. Its settings are applied at its first query. Every client is `postgres`, with any password.
   */
  #start(parameters: Map<string, string>, minorVersion: number): boolean {
    this.#started = true;
    const { user, database = user, options = "", ...settings } = Object.fromEntries(parameters);
    if (user !== "postgres") {
      this.#hangUp(
        backend.fatal("28000", `user "${user}" cannot connect to this port: connect as "postgres", then set role`),
      );
      return false;
    }
    if (database !== "postgres") {
      this.#hangUp(backend.fatal("3D000", `database "${database}" does not exist: the one database is "postgres"`));
      return false;
    }
    const own = [...parseOptions(options), ...Object.entries(settings)].filter(([name]) => !name.startsWith("_pq_."));
    const encoding = own.find(([name, value]) => name.toLowerCase() === "client_encoding" && !isEncodingKnown(value));
    if (encoding) {
      this.#hangUp(backend.fatal("22023", unknownEncoding(encoding[1])));
      return false;
    }
    this.#tenant.settings = { role: "none", parameters: own.map(([name, setting]) => ({ name, setting })) };
    for (const [name] of own) if (name.includes(".")) this.#tenant.customParameters.add(name);

    const values = new Map(own.map(([name, setting]) => [name.toLowerCase(), setting]));
    // Clients compare this value with "UTF8", even if they sent it in another form.
    if (/utf|unicode/i.test(values.get("client_encoding") ?? "")) values.delete("client_encoding");
    this.#socket.write(
      Buffer.concat([
        ...(minorVersion > 0 ? [backend.negotiateProtocolVersion] : []),
        backend.authenticationOk,
        ...[...this.#reported].map(([name, value]) =>
          backend.parameterStatus(name, values.get(name.toLowerCase()) ?? value),
        ),
        backend.backendKeyData(this.#id),
        backend.readyForQuery,
      ]),
    );
    return true;
  }

  async #handle(message: FrontendMessage): Promise<void> {
    if (this.#copyIn) return this.#continueCopyIn(this.#copyIn, message);
    switch (message.type) {
      case "d":
      case "c":
      case "f":
        return; // These are the rest of a failed copy. Postgres ignores them too.
      case "Q":
        return this.#query(message);
      case "E":
        return this.#executePortal(message);
      case "P":
      case "B":
      case "D":
      case "C":
        return this.#handleNamed(message);
      default:
        await this.#forward(message.type, message.bytes);
    }
  }

  async #query({ type, bytes }: FrontendMessage): Promise<void> {
    const text = bytes.toString("utf8", 5, 5 + searchedLength);
    this.#noteCustomParameters(text);
    const refused = refusedEncoding(text);
    if (refused) return void (await this.#forward(type, serialize.query(refused)));
    const copyIn = copyInResponse(text);
    if (copyIn) this.#beginCopyIn(type, bytes, copyIn);
    else await this.#forward(type, bytes, copyRefused);
  }

  async #executePortal({ type, bytes }: FrontendMessage): Promise<void> {
    const copyIn = this.#copyPortals.get(readCString(bytes, 5).text);
    if (copyIn) this.#beginCopyIn(type, bytes, copyIn);
    else await this.#forward(type, bytes, copyRefused);
  }

  /**
   * Gives prepared statements names that differ for each connection. The unnamed statement gets a name too, so that it
   * still exists after HTTP or another connection has used the session between a Parse and a Bind. Clients (libpq, pgx)
   * send these in separate cycles.
   */
  async #handleNamed(message: FrontendMessage): Promise<void> {
    const { type, bytes } = message;
    const statement = statementName(message);
    if (!statement) return void (await this.#forward(type, bytes));

    const name = this.#backendName(statement.name);
    // Parse replaces the unnamed statement, but fails if a name exists. So the old statement is closed first.
    if (type === "P" && statement.name === "" && this.#statements.has(name)) {
      await this.#forward("C", serialize.close({ type: "S", name }), undefined, "silently");
    }
    const text = type === "P" ? bytes.toString("utf8", statement.end, statement.end + searchedLength) : "";
    const refused = refusedEncoding(text);
    const renamed = refused ? serialize.parse({ name, text: refused }) : replaceName(bytes, statement, name);
    const answer = await this.#forward(type, renamed);
    if (type === "P") {
      this.#noteCustomParameters(text);
      if (answer === "parseComplete") {
        this.#statements.add(name);
        setOrDelete(this.#copyStatements, name, copyInResponse(text));
      }
    } else if (type === "B") {
      const portal = readCString(bytes, 5).text;
      setOrDelete(this.#copyPortals, portal, answer === "bindComplete" ? this.#copyStatements.get(name) : undefined);
    } else if (answer === "closeComplete") {
      this.#statements.delete(name);
      this.#copyStatements.delete(name);
    }
  }

  #backendName(name: string): string {
    const own = `w${this.#id}_${name}`;
    if (Buffer.byteLength(own) <= maxNameLength) return own;
    return `w${this.#id}_${createHash("sha256").update(name).digest("base64url")}`;
  }

  #noteCustomParameters(text: string): void {
    for (const [, set, configured] of text.matchAll(customParameter)) {
      this.#tenant.customParameters.add((set ?? configured)!);
    }
  }

  /**
   * PGlite needs the data of a copy together with its command, but clients send the data only when they are told to.
   * Here they are told to, before the command has run. It runs when all data has been received.
   */
  #beginCopyIn(type: string, command: Buffer, response: Buffer): void {
    this.#copyIn = { type, parts: [command] };
    this.#socket.write(response);
  }

  async #continueCopyIn(copyIn: CopyIn, { type, bytes }: FrontendMessage): Promise<void> {
    if (type === "H" || type === "S") return; // Ignored as in Postgres: the client sent it before it knew that this is a copy.
    if (type === "d") return void copyIn.parts.push(bytes);
    const end =
      type === "c" || type === "f" ? bytes : serialize.copyFail(`unexpected message type "${type}" during copy`);
    this.#copyIn = undefined;
    await this.#forward(copyIn.type, Buffer.concat([...copyIn.parts, end]), copyRefused);
  }

  /**
   * Has PGlite handle a message and sends the client its answer.
   *
   * @returns the name of the answer's first message, as in PGlite's parser.
   */
  async #forward(
    type: string,
    bytes: Uint8Array,
    followedBy?: Uint8Array,
    silently?: "silently",
  ): Promise<string | undefined> {
    if (!this.#release) {
      this.#release = await this.#session.acquire(this.#tenant);
      this.#longHold = setTimeout(
        () => this.#log(`${this.#tenant.name}: has an open transaction; all others wait until it ends`),
        longHoldMs,
      ).unref();
    }
    if (this.#closing || this.#socket.destroyed) return undefined;

    const input = followedBy ? Buffer.concat([bytes, followedBy]) : bytes;
    const { messages, data } = await feed(this.#session.pglite, input);
    let answer = data;
    const first = messages[0]?.name;
    const last = messages.at(-1);
    // The client was told this before.
    if (first === "copyInResponse")
      answer = answer.subarray(1 + Buffer.from(answer.buffer, answer.byteOffset).readUInt32BE(1));
    const ready = last && "status" in last ? last.status : undefined;
    if (!cycleEnds.has(type)) {
      // After an error in the extended protocol, PGlite says "ready for query" at once, and again at Sync. Only the
      // second is correct.
      if (ready) answer = answer.subarray(0, -backend.readyForQuery.length);
    } else if (!ready) {
      throw new Error("this query crashed the embedded database (PGlite); restart the embedded stack");
    }
    if (!silently && answer.length > 0) this.#socket.write(answer);
    if (cycleEnds.has(type) && ready === "I") {
      this.#copyPortals.clear();
      await this.#session.pglite.syncToFs();
      this.#giveBack();
    }
    return first;
  }

  async #leave(): Promise<void> {
    const { pglite } = this.#session;
    try {
      if (this.#release) {
        // This comes before Sync, which would commit the statements since the last Sync. After an error, everything up
        // to Sync is skipped, so then the rollback must come after it.
        await feed(pglite, serialize.query("rollback"));
        await feed(pglite, serialize.sync());
        if (pglite.isInTransaction()) await feed(pglite, serialize.query("rollback"));
      }
      if (this.#statements.size > 0) {
        this.#release ??= await this.#session.acquire();
        for (const name of this.#statements) await feed(pglite, serialize.close({ type: "S", name }));
        await feed(pglite, serialize.sync());
      }
    } catch (error) {
      this.#log(`${this.#tenant.name}: ${(error as Error).message}`);
    } finally {
      this.#giveBack();
    }
  }

  #giveBack(): void {
    clearTimeout(this.#longHold);
    this.#release?.();
    this.#release = undefined;
  }
}

/** Has PGlite handle messages. Errors are in its answer and are not thrown. */
function feed(pglite: PGlite, bytes: Uint8Array) {
  return pglite.runExclusive(() => pglite.execProtocol(bytes, { throwOnError: false, syncToFs: false }));
}

/** Returns the answer to a client that wants to copy from stdin; undefined if `text` is another statement. */
function copyInResponse(text: string): Buffer | undefined {
  const [statement, binaryFirst, options = ""] = copyFromStdin.exec(text) ?? [];
  return statement === undefined
    ? undefined
    : backend.copyInResponse(Boolean(binaryFirst) || /\bbinary\b/i.test(options));
}

/** PGlite has no encoding conversions. The first query after `set client_encoding = 'LATIN1'` would crash it. */
function isEncodingKnown(encoding: string): boolean {
  return /^(utf8|unicode|sqlascii|default)$/.test(encoding.toLowerCase().replace(/[^a-z0-9]/g, ""));
}

const unknownEncoding = (encoding: string) => `${encoding}: the embedded database has only UTF8`;

/**
 * Returns a statement that replaces a `set client_encoding` that would crash PGlite. It fails with an error, as in
 * Postgres.
 */
function refusedEncoding(text: string): string | undefined {
  const [, quoted, bare] = setClientEncoding.exec(text) ?? [];
  const encoding = quoted ?? bare;
  return encoding === undefined || isEncodingKnown(encoding)
    ? undefined
    : `set client_encoding = '${unknownEncoding(encoding)}'`;
}

function setOrDelete<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

/** Waits until the client has read everything that was written, or is gone. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off("drain", done).off("close", done);
      resolve();
    };
    socket.on("drain", done).on("close", done);
  });
}
