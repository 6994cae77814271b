import type { PostgrestError } from "@supabase/supabase-js";
import { QueueError } from "./queue-error.ts";

/** What the call gave, or a `QueueError`. */
export function rpcData<T>({ data, error, status }: { data: T; error: PostgrestError | null; status: number }): T {
  if (!error) return data;
  const isSqlState = /^[0-9A-Z]{5}$/.test(error.code ?? "");
  // Without a code it is the way to the database that failed, or what stands on it.
  const isTransient = isSqlState ? undefined : status === 0 || status === 408 || status === 429 || status >= 500;
  throw new QueueError(error.message, error.code || `HTTP ${status}`, isTransient, { cause: error });
}
