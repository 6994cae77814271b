import { type CompiledQuery, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from "kysely";
import type { DatabaseConnection, Dialect, Driver, QueryResult } from "kysely";
import { rowsOf } from "../../node/postgres/rows-of.ts";
import { LateSettings } from "./late-settings.ts";
import { toPostgrestError } from "./postgrest-error.ts";
import { requestScope } from "./request-scope.ts";
import { type SharedSession, Tenant, supabaseSettings } from "./shared-session.ts";
import { refuseLoneSurrogates } from "./well-formed.ts";

/**
 * A Kysely dialect for the one session of PGlite. A query or a transaction holds the session, so that requests do not
 * mix.
 */
export function sharedSessionDialect(session: SharedSession): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => sharedSessionDriver(session),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

function sharedSessionDriver(session: SharedSession): Driver {
  const http = new Tenant("http", supabaseSettings());

  const settings = new LateSettings();
  const applySettings = async () => {
    const late = settings.take();
    if (late) await session.pglite.query(late.sql, late.parameters);
  };
  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      if (session.pglite.isInTransaction() && settings.keep(sql, parameters)) return { rows: [] };
      await applySettings();
      const { rows, affectedRows } = await session.pglite.query<R>(sql, [...parameters]);
      return affectedRows === undefined ? { rows } : { rows, numAffectedRows: BigInt(affectedRows) };
    },
    // eslint-disable-next-line require-yield -- the interface asks for a generator
    async *streamQuery() {
      throw new Error("PGlite does not stream results.");
    },
  };

  /** Uses the simple protocol: one message instead of six. */
  const control = async (statement: string) => void (await session.pglite.exec(statement));

  const held = new WeakMap<DatabaseConnection, () => void>();
  /** How many nested transactions of one request are open. */
  const depths = new WeakMap<DatabaseConnection, number>();
  const endOne = (lease: DatabaseConnection) => {
    // If a commit fails, Kysely also rolls back.
    const depth = Math.max((depths.get(lease) ?? 0) - 1, 0);
    depths.set(lease, depth);
    return depth;
  };
  return {
    async init() {},
    async acquireConnection() {
      const scope = requestScope.getStore();
      if (scope?.held) {
        scope.held.users += 1;
        return scope.held.connection;
      }
      const release = await session.acquire(http);
      const lease = { executeQuery: connection.executeQuery, streamQuery: connection.streamQuery };
      if (scope) scope.held = { connection: lease, users: 1, release };
      else held.set(lease, release);
      return lease;
    },
    async releaseConnection(lease) {
      const scope = requestScope.getStore();
      if (scope?.held?.connection !== lease) return held.get(lease)?.();
      scope.held.users -= 1;
      if (scope.held.users > 0) return;
      const { release } = scope.held;
      delete scope.held;
      release();
    },
    beginTransaction: async (lease) => {
      const depth = depths.get(lease) ?? 0;
      if (depth === 0) settings.forget();
      else await applySettings();
      await control(depth === 0 ? "begin" : `savepoint nested_${depth}`);
      depths.set(lease, depth + 1);
    },
    commitTransaction: async (lease) => {
      const depth = endOne(lease);
      await control(depth === 0 ? "commit" : `release savepoint nested_${depth}`);
    },
    rollbackTransaction: async (lease) => {
      const depth = endOne(lease);
      // The settings that are still kept were made after the savepoint.
      settings.forget();
      await control(depth === 0 ? "rollback" : `rollback to savepoint nested_${depth}`);
    },
    async destroy() {},
  };
}

/**
 * Wraps a dialect: it leaves out holes in the rows, and converts errors to the form that @supabase/lite answers as
 * PostgREST does.
 */
export function withPostgrestErrors(dialect: Dialect): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => {
      const driver = dialect.createDriver();
      const translated = new WeakSet<DatabaseConnection>();
      const acquire = driver.acquireConnection.bind(driver);
      driver.acquireConnection = async () => {
        const connection = await acquire();
        if (translated.has(connection)) return connection;
        const execute = connection.executeQuery.bind(connection);
        connection.executeQuery = async (query) => {
          try {
            refuseLoneSurrogates(query.parameters);
            const { rows, ...rest } = await execute(query);
            return { ...rest, rows: rowsOf(rows) as never[] };
          } catch (error) {
            throw toPostgrestError(error);
          }
        };
        translated.add(connection);
        return connection;
      };
      return driver;
    },
  };
}

/**
 * On the first request, @supabase/lite grants all rights on all tables to the client roles, unless its record says that
 * it has done so. Our migrations define the grants, as on Supabase, so this function makes the record.
 */
export function keepGrants(connection: object): void {
  Object.assign(connection, { rlsState: "active" });
}
