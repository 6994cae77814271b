import postgres from "postgres";

/** One connection, and how it sends a query. */
export interface Client extends AsyncDisposable {
  version: string;
  /** Any statements in one message, planned anew each time. */
  simple(sql: string): Promise<unknown>;
  /** A statement of a fixed text that is parsed once for the connection, as PostgREST does it. */
  prepared(sql: string, parameters?: string[]): Promise<unknown>;
}

/** Rows are not parsed: that is work of the client, and the same for all. */
export async function openClient(url: string): Promise<Client> {
  const pool = postgres(url, { max: 1, onnotice: () => {} });
  const connection = await pool.reserve();
  await connection.unsafe("set jit = off");
  const [row] = await connection.unsafe("show server_version");
  return {
    version: String(row!.server_version).split(" ")[0]!,
    simple: (sql) => connection.unsafe(sql).simple().raw(),
    // The option is missing in the driver's types. Without it, a statement that has no parameters is never prepared.
    prepared: (sql, parameters = []) =>
      connection.unsafe(sql, parameters, { prepare: true, simple: false } as postgres.UnsafeQueryOptions).raw(),
    [Symbol.asyncDispose]: async () => {
      connection.release();
      await pool.end();
    },
  };
}
