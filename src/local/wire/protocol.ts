/** The frames of the Postgres wire protocol (version 3) that the wire port reads and writes itself. */

/** Postgres refuses a startup packet that is longer than this. It detects clients of another protocol in this way. */
const maxStartupLength = 10_000;

/** The longest message that Postgres accepts: 1 GiB - 1. */
const maxMessageLength = 0x3fff_ffff;

const frontendTypes = new Set("QPBDECSHFXdcf");

/**
 * The codes of requests that come before, or instead of, a startup packet. They are in the place of the protocol
 * version.
 */
const requestCodes: Record<number, "cancel" | "encryption" | undefined> = {
  80877102: "cancel",
  80877103: "encryption", // SSLRequest
  80877104: "encryption", // GSSENCRequest
};

/** The bytes do not follow the Postgres protocol. The connection that sent them must be closed. */
export class ProtocolViolation extends Error {
  override name = "ProtocolViolation";
}

/** A message that a client may send before its session begins. */
export type StartupMessage =
  { kind: "cancel" | "encryption" } | { kind: "startup"; minorVersion: number; parameters: Map<string, string> };

/** One message of an established session, including its header. */
export interface FrontendMessage {
  type: string;
  bytes: Buffer;
}

/** Cuts the chunks that a socket delivers into messages. The chunks may have any size. */
export class MessageReader {
  #chunks: Buffer[] = [];
  #length = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** Returns the next message of the startup phase (it has no type byte), or undefined while it is incomplete. */
  nextStartup(): StartupMessage | undefined {
    const length = this.#peek(4)?.readUInt32BE(0);
    if (length === undefined) return undefined;
    if (length < 8 || length > maxStartupLength) {
      throw new ProtocolViolation(`not a Postgres client: a startup packet of ${length} bytes`);
    }
    const bytes = this.#take(length);
    return bytes && parseStartup(bytes);
  }

  /** Returns the next message of an established session, or undefined while it is incomplete. */
  next(): FrontendMessage | undefined {
    const header = this.#peek(5);
    if (!header) return undefined;
    const type = String.fromCharCode(header[0]!);
    const length = header.readUInt32BE(1);
    // PGlite ends its process when it gets an unknown message type, so such a message must never reach it.
    if (!frontendTypes.has(type)) throw new ProtocolViolation(`invalid frontend message type ${header[0]}`);
    if (length < 4 || length > maxMessageLength) {
      throw new ProtocolViolation(`invalid length ${length} of a message of type "${type}"`);
    }
    const bytes = this.#take(1 + length);
    return bytes && { type, bytes };
  }

  /** Returns at least the first `length` bytes. */
  #peek(length: number): Buffer | undefined {
    if (this.#length < length) return undefined;
    if (this.#chunks[0]!.length < length) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0];
  }

  #take(length: number): Buffer | undefined {
    const first = this.#peek(length);
    if (!first) return undefined;
    if (first.length === length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(length);
    this.#length -= length;
    return first.subarray(0, length);
  }
}

function parseStartup(bytes: Buffer): StartupMessage {
  const version = bytes.readUInt32BE(4);
  const kind = requestCodes[version];
  if (kind) return { kind };
  if (version >>> 16 !== 3) {
    throw new ProtocolViolation(`not a Postgres client: protocol ${version >>> 16}.${version & 0xffff}`);
  }
  const parameters = new Map<string, string>();
  for (let at = 8; bytes[at];) {
    const name = readCString(bytes, at);
    const value = readCString(bytes, name.end);
    parameters.set(name.text, value.text);
    at = value.end;
  }
  return { kind: "startup", minorVersion: version & 0xffff, parameters };
}

/** Reads the zero-terminated string at `at`; `end` is the position of the next field. */
export function readCString(bytes: Buffer, at: number): { text: string; end: number } {
  const zero = bytes.indexOf(0, at);
  if (zero < 0) throw new ProtocolViolation("a message has a string without its terminating zero");
  return { text: bytes.toString("utf8", at, zero), end: zero + 1 };
}

/** Finds the prepared statement in a Parse, Bind, Describe or Close: its name, and the position of the name. */
export function statementName({ type, bytes }: FrontendMessage) {
  let start: number;
  if (type === "P") start = 5;
  else if (type === "B") start = readCString(bytes, 5).end;
  else if ((type === "D" || type === "C") && bytes[5] === 0x53) start = 6;
  else return undefined;
  const { text, end } = readCString(bytes, start);
  return { name: text, start, end };
}

/** Replaces the string between `start` and `end` (as `statementName` returns them) with `name`. */
export function replaceName(bytes: Buffer, { start, end }: { start: number; end: number }, name: string): Buffer {
  const renamed = Buffer.concat([bytes.subarray(0, start), cString(name), bytes.subarray(end)]);
  renamed.writeUInt32BE(renamed.length - 1, 1);
  return renamed;
}

/** Reads the run-time parameters in the startup parameter `options`: `-c name=value` and `--name=value`. */
export function parseOptions(options: string): Map<string, string> {
  const words = options.match(/(?:\\.|[^\s\\])+/g)?.map((word) => word.replace(/\\(.)/g, "$1")) ?? [];
  const parameters = new Map<string, string>();
  for (const [, name, value] of words.join("\0").matchAll(/(?:^|\0)(?:-c\0?|--)([^\0=]+)=([^\0]*)/g)) {
    parameters.set(name!.replaceAll("-", "_"), value!);
  }
  return parameters;
}

const cString = (text: string) => Buffer.from(`${text}\0`);

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function frame(type: string, ...fields: Buffer[]): Buffer {
  const body = Buffer.concat(fields);
  return Buffer.concat([Buffer.from(type), int32(4 + body.length), body]);
}

/** The messages that the wire port makes itself. All others come from PGlite. */
export const backend = {
  authenticationOk: frame("R", int32(0)),
  /** Tells a client that asked for protocol 3.2 or later that this server uses 3.0. */
  negotiateProtocolVersion: frame("v", int32(0x0003_0000), int32(0)),
  parameterStatus: (name: string, value: string) => frame("S", cString(name), cString(value)),
  backendKeyData: (pid: number) => frame("K", int32(pid), int32(0)),
  readyForQuery: frame("Z", Buffer.from("I")),
  /** Lists no columns, because they are not known before the command runs. Clients use the overall format. */
  copyInResponse: (binary: boolean) => frame("G", Buffer.from([binary ? 1 : 0, 0, 0])),
  fatal: (code: string, message: string) =>
    frame("E", ...["SFATAL", "VFATAL", `C${code}`, `M${message}`, ""].map(cString)),
};
