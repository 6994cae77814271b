import type { PostgrestError } from "@supabase/supabase-js";

/** The database refused a call, or was not reached. */
export class QueueError extends Error {
  override readonly name = "QueueError";
  /** The SQLSTATE, or another code of the error. */
  readonly code: string;
  /**
   * True if the same call may succeed later, for example after a lost connection, a deadlock or a lack of resources.
   */
  readonly isTransient: boolean;

  constructor(message: string, code: string, isTransient = isTransientState(code), options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.isTransient = isTransient;
  }

  /** True if the database cannot store the data that was sent. */
  get isAboutData(): boolean {
    return /^(22|23|54|GW|P0)/.test(this.code);
  }
}

/**
 * Returns true for the classes of errors that pass: connection, rollback, resources, object state, operator
 * intervention, system.
 */
function isTransientState(code: string): boolean {
  return /^(08|40|53|55|57|58)...$/.test(code);
}

/** Returns the data of the API's answer, or throws a `QueueError`. */
export function rpcData<T>({ data, error, status }: { data: T; error: PostgrestError | null; status: number }): T {
  if (!error) return data;
  const isSqlState = /^[0-9A-Z]{5}$/.test(error.code ?? "");
  // An error without a SQLSTATE comes from the network or from a proxy.
  const isTransient = isSqlState ? undefined : status === 0 || status === 408 || status === 429 || status >= 500;
  throw new QueueError(error.message, error.code || `HTTP ${status}`, isTransient, { cause: error });
}
