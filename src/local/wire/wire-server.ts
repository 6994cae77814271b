import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { protocol } from "@electric-sql/pglite";
import { type SharedSession, Tenant } from "../database/shared-session.ts";
import { type ReportedParameters, WireConnection } from "./wire-connection.ts";

export interface WireServer {
  /** The port it listens on. */
  port: number;
  /** Ends all connections, rolls back what they had open, and stops listening. */
  close(): Promise<void>;
}

/** Counts for all servers, since two on one session must not give statements the same names. */
let lastId = 0;

/**
 * Lets Postgres clients (psql, the Supabase CLI) connect to the embedded database, in turns with whoever else uses
 * `session`: a client's transaction makes all others wait until it ends. Each client is `postgres`, with any password.
 *
 * A result is made in one piece before it is sent, no query can be cancelled, and PGlite keeps no timeouts.
 *
 * @param options.port 0 for any free port.
 * @param options.host The interface to listen on. There is no password: keep it to loopback.
 * @param options.log Gets one line for a client that is not one, and for a failure inside.
 * @throws the system's error when the port cannot be had (`EADDRINUSE`, …).
 * @example
 * const wire = await startWireServer({ session, port: 54322 });
 * // psql postgresql://postgres:postgres@127.0.0.1:54322/postgres
 */
export async function startWireServer(options: {
  session: SharedSession;
  port: number;
  host?: string;
  log?: (line: string) => void;
}): Promise<WireServer> {
  const { session, port, host = "127.0.0.1", log = console.error } = options;
  const reported = await readReportedParameters(session);
  const connections = new Map<WireConnection, Promise<void>>();

  const server = createServer({ noDelay: true }, (socket) => {
    const connection = new WireConnection({ session, socket, id: ++lastId, reported, log });
    const served = connection
      .run()
      .then(() => connections.delete(connection) && connections.size === 0)
      .then((none) => (none ? discardSharedState(session) : undefined))
      .catch((error: Error) => log(`wire: ${error.message}`));
    connections.set(connection, served);
  });
  server.listen(port, host);
  await once(server, "listening");
  server.on("error", (error) => log(`wire: ${error.message}`));

  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      const served = [...connections.values()];
      for (const connection of connections.keys()) connection.close();
      await Promise.all(served);
      await closed;
    },
  };
}

/** What a Postgres server tells each client at the start, as PGlite tells it with default settings. */
async function readReportedParameters(session: SharedSession): Promise<ReportedParameters> {
  // This also makes PGlite report later changes (`set time zone`) from now on. No client's own startup message reaches
  // it, because one that Postgres refuses would end PGlite's process.
  const startup = protocol.serialize.startup({ user: "postgres", database: "postgres" });
  const { messages } = await session.use(new Tenant("wire"), (pglite) =>
    pglite.runExclusive(() => pglite.execProtocol(startup, { syncToFs: false })),
  );
  const reported = messages.filter((message) => message instanceof protocol.messages.ParameterStatusMessage);
  // PGlite's own startup leaves the user empty.
  return new Map([
    ...reported.map((m) => [m.parameterName, m.parameterValue] as const),
    ["session_authorization", "postgres"],
  ]);
}

/** With the last client goes what the session cannot keep apart: temporary tables and cursors. */
async function discardSharedState(session: SharedSession): Promise<void> {
  const release = await session.acquire();
  try {
    await session.pglite.exec("discard temp; close all");
  } finally {
    release();
  }
}
