import type { Transaction } from "@electric-sql/pglite";
import { btree_gin } from "@electric-sql/pglite/contrib/btree_gin";
import { pgtap } from "@electric-sql/pglite/pgtap";
import { vector } from "@electric-sql/pglite/vector";
import { createPgliteConnection } from "@supabase/lite/pglite";
import { Kysely } from "kysely";
import type { LocalDatabase, Statements } from "./local-database.ts";
import { addArrayTypes, valueParsers, valueSerializers } from "./json-values.ts";
import { keepGrants, sharedSessionDialect, withPostgrestErrors } from "./kysely-dialects.ts";
import { SharedSession, Tenant, supabaseSettings } from "./shared-session.ts";

export interface PgliteDatabase extends LocalDatabase {
  /** Used by the wire port: its connections take turns with HTTP requests. */
  session: SharedSession;
  /** Returns the whole data directory as an uncompressed tar file, from which other databases can be opened. */
  snapshot(): Promise<Blob>;
}

/**
 * Opens PGlite (Postgres 17) with pgvector, pgTAP, btree_gin and pgcrypto.
 *
 * @param options.dataDir folder that keeps the data; if absent, the data is in memory
 * @param options.snapshot data directory to start from, as `snapshot()` returns it
 */
export async function openPglite(options: { dataDir?: string; snapshot?: Blob } = {}): Promise<PgliteDatabase> {
  const connection = await createPgliteConnection({
    ...(options.dataDir !== undefined && { url: options.dataDir }),
    pgliteOptions: {
      extensions: { vector, pgtap, btree_gin },
      parsers: valueParsers,
      serializers: valueSerializers,
      ...(options.snapshot && { loadDataDir: options.snapshot }),
    },
  });
  const pglite = connection.driver;
  await pglite.waitReady;

  const session = new SharedSession(pglite);
  connection.kysely = new Kysely({ dialect: withPostgrestErrors(sharedSessionDialect(session)) });
  keepGrants(connection);

  const owner = new Tenant("owner", supabaseSettings());
  const statements = (executor: Pick<Transaction, "query" | "exec">): Statements => ({
    query: async <Row>(sql: string, parameters: unknown[] = []) => (await executor.query<Row>(sql, parameters)).rows,
    run: async (sql) => void (await executor.exec(sql)),
  });

  return {
    connection,
    session,
    query: (sql, parameters) => session.use(owner, () => statements(pglite).query(sql, parameters)),
    run: (sql) => session.use(owner, () => statements(pglite).run(sql)),
    transaction: (work) => session.use(owner, () => pglite.transaction((tx) => work(statements(tx)))),
    listen: async (channel, notified) => {
      await session.use(owner, () => pglite.listen(channel, notified));
    },
    learnTypes: () =>
      session.use(owner, async () => {
        // PGlite copies all parsers for every statement. The parsers for arrays of the rows of every catalog would take
        // almost half the time of a short statement.
        const parsers = { ...valueParsers };
        await addArrayTypes({ parsers, serializers: pglite.serializers }, statements(pglite));
        pglite.parsers = parsers;
      }),
    snapshot: () =>
      session.use(owner, async () => {
        // Without a checkpoint, the copy would start with crash recovery, which skips up to 32 values of every
        // sequence.
        await pglite.exec("checkpoint");
        return pglite.dumpDataDir("none");
      }),
    close: () => connection.close(),
  };
}
