import { AsyncLocalStorage } from "node:async_hooks";
import type { DatabaseConnection } from "kysely";

/** One HTTP request, and the database connection that it holds while a query or a transaction of its runs. */
interface RequestScope {
  held?: { connection: DatabaseConnection; users: number; release: () => void };
}

/**
 * @supabase/lite sometimes asks for a second connection while a transaction of the same request holds the first one. With
 * one session that would wait for ever, so a request that holds the session is handed the same connection again.
 */
export const requestScope = new AsyncLocalStorage<RequestScope>();

// @supabase/lite prints every refused statement with its stack. The gateway logs one line a failed request instead.
const printError = console.error;
console.error = (...values: unknown[]) => {
  if (!requestScope.getStore()) printError(...values);
};
