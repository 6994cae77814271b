import { AsyncLocalStorage } from "node:async_hooks";
import type { DatabaseConnection } from "kysely";

/** One HTTP request, with the database connection that it holds while one of its queries or transactions runs. */
interface RequestScope {
  held?: { connection: DatabaseConnection; users: number; release: () => void };
}

/**
 * @supabase/lite sometimes asks for a second connection while a transaction of the same request holds the first one.
 * With a single session this would wait forever, so a request that holds the session gets the same connection again.
 */
export const requestScope = new AsyncLocalStorage<RequestScope>();

let silenced = 0;
let restore = () => {};

/**
 * Drops output of console.error while a request is answered. @supabase/lite prints every refused statement with its
 * stack. The gateway logs one line for each failed request instead.
 *
 * @returns a function that ends this, unless another backend in this process needs it
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
