import { setTimeout } from "node:timers/promises";
import { createPostgresConnection } from "@supabase/lite/postgres";
import { Kysely } from "kysely";
import { PostgresJSDialect } from "kysely-postgres-js";
import type postgres from "postgres";
import type { LocalDatabase, Statements } from "./local-database.ts";
import { rowsOf } from "../../node/postgres/rows-of.ts";
import { addArrayTypes, valueParsers, valueSerializers } from "./json-values.ts";
import { keepGrants, withPostgrestErrors } from "./kysely-dialects.ts";

/**
 * Opens any Postgres 15 or later, such as Neon, instead of PGlite.
 *
 * @param url `postgresql://user:password@host:port/database`
 */
export async function openPostgres(url: string): Promise<LocalDatabase> {
  const connection = createPostgresConnection({
    url,
    // If the driver asks for array types while it connects, and the server goes away at that moment, the process ends:
    // https://github.com/porsager/postgres/issues/1223.
    postgresOptions: { max: 10, connect_timeout: 10, onnotice: () => {}, fetch_types: false, types: postgresTypes() },
  });
  const sql = connection.driver;
  const statements = (executor: Pick<postgres.Sql, "unsafe">): Statements => ({
    query: async <Row>(text: string, parameters: unknown[] = []) =>
      rowsOf(await executor.unsafe(text, parameters as postgres.ParameterOrJSON<never>[])) as unknown as Row[],
    run: async (text) => void (await executor.unsafe(text).simple()),
  });
  const learnTypes = () => addArrayTypes(sql.options, statements(sql));
  await Promise.race([learnTypes(), connectionTimeout()]).catch((error: unknown) => {
    // Not awaited, because ending a connection waits for the look-up of its host name.
    void sql.end({ timeout: 0 }).catch(() => {});
    throw error;
  });
  connection.kysely = new Kysely({ dialect: withPostgrestErrors(new PostgresJSDialect({ postgres: sql })) });
  keepGrants(connection);

  return {
    connection,
    ...statements(sql),
    transaction: <T>(work: (inner: Statements) => Promise<T>) => sql.begin((tx) => work(statements(tx))) as Promise<T>,
    listen: async (channel, notified) => void (await sql.listen(channel, notified)),
    learnTypes,
    close: () => sql.end({ timeout: 5 }),
  };
}

/** The driver's own time limit does not include the look-up of the host name. */
async function connectionTimeout(): Promise<never> {
  await setTimeout(15_000, undefined, { ref: false });
  throw Object.assign(new Error("no answer within 15 seconds"), { code: "CONNECT_TIMEOUT" });
}

/**
 * The list of types that Lite uses for postgres.js, with the same names and our parsers. A text for a JSON column is
 * already JSON, as in PGlite. Lite's serializer would turn the metadata of every account into a JSON string.
 */
function postgresTypes(): Record<string, postgres.PostgresType> {
  return Object.fromEntries(
    Object.entries(valueParsers).map(([type, parse]) => {
      const oid = Number(type);
      const name = liteNames[oid] ?? `oid${oid}`;
      return [name, { to: oid, from: [oid], parse, serialize: valueSerializers[oid]! }];
    }),
  );
}

const liteNames: Record<number, string> = {
  20: "bigint",
  114: "json",
  1082: "date",
  1083: "time",
  1114: "timestamp",
  1184: "timestamptz",
  1266: "timetz",
  1700: "numeric",
  3802: "jsonb",
};
