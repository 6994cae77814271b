import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { protocol } from "@electric-sql/pglite";
import { type SharedSession, Tenant } from "../database/shared-session.ts";
import { type ReportedParameters, WireConnection } from "./wire-connection.ts";

export interface WireServer {
  /** The port it listens on. */
  port: number;
  /** Ends all connections, rolls back their open transactions, and stops listening. */
  close(): Promise<void>;
}

/** One counter for all servers, because two servers on one session must not give statements the same names. */
let lastId = 0;

/**
 * Lets Postgres clients (psql, the Supabase CLI) connect to the embedded database. They take turns with all other users
 * of `session`: while a client has an open transaction, all others wait. Each client is `postgres`, with any password.
 *
 * A result is complete in memory before it is sent. Queries cannot be cancelled, and PGlite has no timeouts.
 *
 * @param options.port 0 for any free port.
 * @param options.host The interface to listen on. There is no password, so use only a loopback interface.
 * @param options.log Called with one line for a client of another protocol, and for an internal failure.
 * @throws the system's error if the port is not available (`EADDRINUSE`, …).
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

/**
 * Reads the parameters that a Postgres server reports to each client at the start. PGlite reports those of default
 * settings.
 */
async function readReportedParameters(session: SharedSession): Promise<ReportedParameters> {
  // This also makes PGlite report later changes (`set time zone`). The startup message of a client never reaches
  // PGlite, because PGlite's process would end at a startup message that Postgres refuses.
  const startup = protocol.serialize.startup({ user: "postgres", database: "postgres" });
  const { messages } = await session.use(new Tenant("wire"), (pglite) =>
    pglite.runExclusive(() => pglite.execProtocol(startup, { syncToFs: false })),
  );
  const reported = messages.filter((message) => message instanceof protocol.messages.ParameterStatusMessage);
  // PGlite's own startup message leaves the user empty.
  return new Map([
    ...reported.map((m) => [m.parameterName, m.parameterValue] as const),
    ["session_authorization", "postgres"],
  ]);
}

/** When the last client leaves, drops the state that tenants share: temporary tables and cursors. */
async function discardSharedState(session: SharedSession): Promise<void> {
  const release = await session.acquire();
  try {
    await session.pglite.exec("discard temp; close all");
  } finally {
    release();
  }
}
