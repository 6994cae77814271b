import postgres from "postgres";
import { QueueError } from "../../shared/queue-error.ts";
import { rowsOf } from "./rows-of.ts";

/** What the query gives, or a `QueueError`. */
export async function queryRows<Row>(query: PromiseLike<readonly Row[]>): Promise<Row[]> {
  try {
    return rowsOf(await query);
  } catch (error) {
    const { code = "", message } = unwrapped(error as { code?: string; message: string });
    // What does not come from the server is a connection that was lost or not made; that we ended it ourselves is final.
    const isTransient = error instanceof postgres.PostgresError ? undefined : /^(E[A-Z]|CONN)/.test(code);
    throw new QueueError(message || code, code, code === "CONNECTION_ENDED" ? false : isTransient, { cause: error });
  }
}

/** Our own errors come in the form that PostgREST takes: code and message are in the message, as JSON. */
function unwrapped(error: { code?: string; message: string }): { code?: string; message: string } {
  if (error.code !== "PGRST") return error;
  return JSON.parse(error.message) as { code: string; message: string };
}
