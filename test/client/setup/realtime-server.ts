import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/** The part of Realtime that a subscription to changes of rows needs: Phoenix messages as arrays, protocol 2.0.0. */
export interface RealtimeServer extends AsyncDisposable {
  /** The port for `realtimeUrl` of a client, because the embedded stack has no Realtime. */
  port: number;
  /** Returns the filters of the present subscriptions. */
  filters(): string[];
  /** Reports a change to every subscriber. */
  tell(): void;
  /** Breaks all connections. */
  cut(): void;
}

type Message = [joinRef: string | null, ref: string | null, topic: string, event: string, payload: any];

export async function startRealtimeServer(): Promise<RealtimeServer> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const subscriptions = new Map<string, { socket: WebSocket; joinRef: string | null; filter: string }>();

  server.on("connection", (socket) => {
    const reply = ([joinRef, ref, topic]: Message, response: object) =>
      socket.send(JSON.stringify([joinRef, ref, topic, "phx_reply", { status: "ok", response }]));

    socket.on("message", (data) => {
      const message = JSON.parse(String(data)) as Message;
      const [joinRef, , topic, event, payload] = message;
      if (event === "phx_join") {
        const changes = payload.config.postgres_changes.map((change: object, index: number) => {
          return Object.assign(change, { id: index + 1 });
        });
        subscriptions.set(topic, { socket, joinRef, filter: changes[0].filter });
        reply(message, { postgres_changes: changes });
      } else {
        if (event === "phx_leave") subscriptions.delete(topic);
        reply(message, {});
      }
    });
    socket.on("close", () => {
      for (const [topic, subscription] of subscriptions)
        if (subscription.socket === socket) subscriptions.delete(topic);
    });
  });

  await new Promise((resolve) => server.once("listening", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    filters: () => [...subscriptions.values()].map(({ filter }) => filter),
    tell() {
      const data = {
        schema: "public",
        table: "agent_jobs",
        type: "UPDATE",
        columns: [],
        record: {},
        commit_timestamp: "",
      };
      for (const [topic, { socket, joinRef }] of subscriptions) {
        socket.send(JSON.stringify([joinRef, null, topic, "postgres_changes", { ids: [1], data }]));
      }
    },
    cut: () => server.clients.forEach((socket) => socket.terminate()),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.clients.forEach((socket) => socket.terminate());
        server.close(() => resolve());
      }),
  };
}
