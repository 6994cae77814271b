import postgres from "postgres";

/** One connection, and how it sends a query. */
export interface Client extends AsyncDisposable {
  version: string;
  /** Runs any statements in one message. They are planned each time. */
  simple(sql: string): Promise<unknown>;
  /** Runs a statement that is parsed once for the connection, as PostgREST does. */
  prepared(sql: string, parameters?: string[]): Promise<unknown>;
}

/** The rows are not parsed, because parsing is the client's work and takes the same time for all sides. */
export async function openClient(url: string): Promise<Client> {
  const pool = postgres(url, { max: 1, onnotice: () => {} });
  const connection = await pool.reserve();
  await connection.unsafe("set jit = off");
  const [row] = await connection.unsafe("show server_version");
  return {
    version: String(row!.server_version).split(" ")[0]!,
    simple: (sql) => connection.unsafe(sql).simple().raw(),
    // The driver's types lack this option. Without it, a statement without parameters is never prepared.
    prepared: (sql, parameters = []) =>
      connection.unsafe(sql, parameters, { prepare: true, simple: false } as postgres.UnsafeQueryOptions).raw(),
    [Symbol.asyncDispose]: async () => {
      connection.release();
      await pool.end();
    },
  };
}
