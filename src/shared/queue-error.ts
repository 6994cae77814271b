import type { PostgrestError } from "@supabase/supabase-js";

/** The database refused a call, or was not reached. */
export class QueueError extends Error {
  override readonly name = "QueueError";
  /** The SQLSTATE, or whatever else names the fault. */
  readonly code: string;
  /** Whether the same call may succeed later: no connection, a deadlock, no room. */
  readonly isTransient: boolean;

  constructor(message: string, code: string, isTransient = isTransientState(code), options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.isTransient = isTransient;
  }

  /** Whether it is what was sent that the database can't store. */
  get isAboutData(): boolean {
    return /^(22|23|54|GW|P0)/.test(this.code);
  }
}

/** Connection, rollback, resources, object state, operator intervention, system: the classes that pass. */
function isTransientState(code: string): boolean {
  return /^(08|40|53|55|57|58)...$/.test(code);
}

/** Returns the data of an answer of the API, or throws a `QueueError`. */
export function rpcData<T>({ data, error, status }: { data: T; error: PostgrestError | null; status: number }): T {
  if (!error) return data;
  const isSqlState = /^[0-9A-Z]{5}$/.test(error.code ?? "");
  // An error without a SQLSTATE comes from the network or from a proxy.
  const isTransient = isSqlState ? undefined : status === 0 || status === 408 || status === 429 || status >= 500;
  throw new QueueError(error.message, error.code || `HTTP ${status}`, isTransient, { cause: error });
}
