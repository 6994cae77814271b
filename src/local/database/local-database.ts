import type { Connection } from "@supabase/lite";

/** Statements as the owner of the database, outside of any request. Throws the driver's error, with its SQLSTATE. */
export interface Statements {
  /** One statement with `$1`-style parameters. */
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  /** Any number of statements, without parameters. */
  run(sql: string): Promise<void>;
}

/** The database behind the embedded backend: PGlite, or any Postgres 15 and later. */
export interface LocalDatabase extends Statements {
  /** What @supabase/lite serves `/rest/v1` and `/auth/v1` from. */
  connection: Connection;
  /** All of `work` or nothing of it. */
  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
  /** Calls `notified` for every `notify` on the channel. */
  listen(channel: string, notified: () => void): Promise<void>;
  /** Learns the types that were made since the database was opened. Call it after migrations. */
  learnTypes(): Promise<void>;
  close(): Promise<void>;
}
