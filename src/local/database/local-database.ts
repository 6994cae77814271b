import type { Connection } from "@supabase/lite";

/** Runs statements as the owner of the database, outside of requests. Throws the driver's error, with its SQLSTATE. */
export interface Statements {
  /** Runs one statement with `$1`-style parameters. */
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  /** Runs any number of statements without parameters. */
  run(sql: string): Promise<void>;
}

/** The database of the embedded stack: PGlite, or any Postgres 15 or later. */
export interface LocalDatabase extends Statements {
  /** The connection from which @supabase/lite serves `/rest/v1` and `/auth/v1`. */
  connection: Connection;
  /** Runs `work` in a transaction. */
  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
  /** Calls `notified` for each notification on the channel. */
  listen(channel: string, notified: () => void): Promise<void>;
  /** Reads the types that were created since the database was opened. Call it after migrations. */
  learnTypes(): Promise<void>;
  close(): Promise<void>;
}
