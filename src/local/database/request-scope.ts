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

let silenced = 0;
let restore = () => {};

/**
 * @supabase/lite prints every refused statement with its stack. The gateway logs one line a failed request instead, so what
 * is printed to console.error while a request is answered is dropped.
 *
 * @returns what ends that, unless another backend of this process needs it
 */
export function silenceRequests(): () => void {
  if (silenced === 0) {
    const print = console.error;
    const printOutside: typeof print = (...values) => {
      if (!requestScope.getStore()) print(...values);
    };
    console.error = printOutside;
    restore = () => {
      if (console.error === printOutside) console.error = print;
    };
  }
  silenced += 1;
  return () => {
    silenced -= 1;
    if (silenced === 0) restore();
  };
}
