import { STATUS_CODE } from "@std/http/status";
import type { PostgrestError } from "@supabase/supabase-js";
import { errorResponse } from "./error-response.ts";

/** The database refused what a user asked for. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly status: number;
  readonly code: string;
  readonly hint: string;

  constructor({ message, code, hint }: Pick<PostgrestError, "message" | "code" | "hint">, status: number) {
    super(message);
    this.code = code || "database_unavailable";
    this.hint = hint ?? "";
    this.status = status >= 400 ? status : STATUS_CODE.ServiceUnavailable;
  }

  toResponse(): Response {
    return errorResponse(this.status, this.code, this.message, this.hint);
  }
}

interface RpcAnswer<Data> {
  data: Data;
  error: PostgrestError | null;
  status: number;
}

/** Returns the data of an answer of the API, or throws an `RpcError`. */
export function dataOf<Data>({ data, error, status }: RpcAnswer<Data>): NonNullable<Data> {
  if (error || data === null || data === undefined) {
    throw new RpcError(error ?? { message: "The database answered nothing.", code: "", hint: "" }, status);
  }
  return data;
}
