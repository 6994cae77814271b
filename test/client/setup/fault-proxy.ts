import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** The fault that a request meets. */
export type Fault =
  /** The connection breaks before the backend sees the request. */
  | { kind: "drop" }
  /** The backend does the work, and its answer is lost. */
  | { kind: "lose" }
  /** The answer breaks off in the middle of its body. */
  | { kind: "cut" }
  /** No answer ever comes. */
  | { kind: "hang" }
  /** The backend does the work, and no answer ever comes. */
  | { kind: "hang after" }
  | { kind: "delay"; ms: number }
  /** Something else answers instead of the backend. */
  | { kind: "answer"; status: number; body: string; headers?: Record<string, string> }
  /** The backend does the work, and something else answers. */
  | { kind: "answer after"; status: number; body: string }
  /** The token is replaced by another one. */
  | { kind: "token"; token: string };

export interface FaultProxy extends AsyncDisposable {
  url: string;
  /** Sets the fault that every request, or the first one of each operation, meets from now on; undefined for none. */
  meet(fault: Fault | undefined, which?: "every" | "first"): void;
  /** Returns how many requests an operation has sent. The header `x-operation` has its name. */
  requestsOf(operation: string): number;
}

/** Starts a proxy on loopback that makes faults on purpose. Sign-ups and sessions pass without faults. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  let fault: Fault | undefined;
  let which: "every" | "first" = "every";
  const counts = new Map<string, number>();

  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = String(request.headers["x-operation"]);
    const count = (counts.get(operation) ?? 0) + 1;
    counts.set(operation, count);
    const body = await readAll(request);
    const isSpared = request.url!.startsWith("/auth/") || (which === "first" && count > 1);
    const met = isSpared ? undefined : fault;

    if (met?.kind === "drop") return void request.socket.destroy();
    if (met?.kind === "hang") return;
    if (met?.kind === "delay") await delay(met.ms);
    if (met?.kind === "answer") return void response.writeHead(met.status, htmlOr(met.headers)).end(met.body);

    const headers = new Headers(request.headers as Record<string, string>);
    headers.delete("host");
    headers.delete("connection");
    headers.delete("content-length");
    if (met?.kind === "token") headers.set("authorization", `Bearer ${met.token}`);
    const { method } = request;
    const answer = await fetch(target + request.url, {
      method: method!,
      headers,
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    });
    const content = Buffer.from(await answer.arrayBuffer());

    if (met?.kind === "lose") return void request.socket.destroy();
    if (met?.kind === "hang after") return;
    if (met?.kind === "answer after") return void response.writeHead(met.status, htmlOr()).end(met.body);
    const passed = [...answer.headers].filter(
      ([name]) => !/^(content-encoding|transfer-encoding|content-length)$/.test(name),
    );
    response.writeHead(answer.status, { ...Object.fromEntries(passed), "content-length": content.length });
    if (met?.kind !== "cut") return void response.end(content);
    response.write(content.subarray(0, content.length / 2), () => request.socket.destroy());
    if (content.length === 0) request.socket.destroy();
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    meet(next, scope = "every") {
      fault = next;
      which = scope;
      counts.clear();
    },
    requestsOf: (operation) => counts.get(operation) ?? 0,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const htmlOr = (headers?: Record<string, string>) => headers ?? { "content-type": "text/html" };

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
