import type { SupabaseClient } from "@supabase/supabase-js";
import { type Database, createClient } from "#groundwork";
import type { LocalBackend, SignedUp } from "#groundwork/local";
import type postgres from "postgres";
import { openConnection } from "../../src/node/postgres/open-connection.ts";

/** A way to reach a queue. */
export interface WayToQueue<Queue> {
  queue: Queue;
  /** The same queue, as a role that may not use it. */
  forbidden: Queue;
  /**
   * Makes a queue that does not answer. Each call makes a new one, because the driver waits longer before each new
   * attempt.
   */
  away(): Queue;
  /** The code of that fault. */
  awayCode: string;
  close(): Promise<unknown>;
}

/** Both adapters of a queue. */
interface Adapters<Queue> {
  overHttp: (client: SupabaseClient<Database>) => Queue;
  overPostgres: (sql: postgres.Sql) => Queue;
}

/** The ways to reach a queue of a backend that has a wire port, each with a function that opens it. */
export function waysToQueue<Queue>(
  backend: LocalBackend,
  user: SignedUp,
  { overHttp, overPostgres }: Adapters<Queue>,
): [name: string, open: () => Promise<WayToQueue<Queue>>][] {
  return [
    [
      "HTTP",
      async () => ({
        queue: overHttp(backend.adminClient()),
        forbidden: overHttp(user.client),
        away: () => overHttp(createClient("http://127.0.0.1:9", backend.secretKey)),
        awayCode: "HTTP 0",
        close: async () => {},
      }),
    ],
    [
      "Postgres",
      async () => {
        const connections: postgres.Sql[] = [];
        const connect = (url: string) => {
          connections.push(openConnection(url, 1));
          return connections.at(-1)!;
        };
        const asUser = connect(backend.databaseUrl!);
        await asUser`set role authenticated`;
        return {
          queue: overPostgres(connect(backend.databaseUrl!)),
          forbidden: overPostgres(asUser),
          away: () => overPostgres(connect("postgresql://postgres@127.0.0.1:9/postgres")),
          awayCode: "ECONNREFUSED",
          close: () => Promise.all(connections.map((sql) => sql.end())),
        };
      },
    ],
  ];
}
