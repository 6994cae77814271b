import postgres from "postgres";
import { QueueError } from "../../shared/queue-error.ts";
import { rowsOf } from "./rows-of.ts";

/** Returns the rows of a query, or throws a `QueueError`. */
export async function queryRows<Row>(query: PromiseLike<readonly Row[]>): Promise<Row[]> {
  try {
    return rowsOf(await query);
  } catch (error) {
    const { code = "", message } = unwrapped(error as { code?: string; message: string });
    // An error that does not come from the server means that there is no connection, which may pass. If this process
    // has ended the connection, that is final.
    const isTransient = error instanceof postgres.PostgresError ? undefined : /^(E[A-Z]|CONN)/.test(code);
    throw new QueueError(message || code, code, code === "CONNECTION_ENDED" ? false : isTransient, { cause: error });
  }
}

/** Groundwork's own errors have the form that PostgREST takes: code and message are JSON in the message. */
function unwrapped(error: { code?: string; message: string }): { code?: string; message: string } {
  if (error.code !== "PGRST") return error;
  return JSON.parse(error.message) as { code: string; message: string };
}
