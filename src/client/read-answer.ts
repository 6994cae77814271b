import { GroundworkError, type GroundworkErrorCode } from "./groundwork-error.ts";

/** What comes back for a request: from PostgREST through supabase-js, or from a function. */
export interface Answer<Data> {
  data: Data;
  /** What supabase-js made of a failure: a JSON body as it was, or the text of another in `message`. */
  error: unknown;
  /** 0 when there was no answer. */
  status: number;
  count?: number | null;
}

/** The error that an answer is; undefined for a good one. */
export function errorIn({ error, status }: Answer<unknown>): GroundworkError | undefined {
  if (!error && status < 400) return undefined;
  // Functions put theirs into an envelope.
  const told = ((error as { error?: unknown } | null)?.error ?? error ?? {}) as Record<string, unknown>;
  const backendCode = text(told.code);
  const message = text(told.message) ?? "";
  const details = {
    status: status || undefined,
    backendCode,
    details: text(told.details),
    hint: text(told.hint),
    cause: error ?? undefined,
  };
  // A body that was no JSON, of a proxy between here and the backend, is nobody's message.
  if (status && !backendCode && (!message || status < 400 || /^\s*</.test(message))) {
    const shown = message.slice(0, 200) || undefined;
    return new GroundworkError(codeOf("", status), `The answer, with status ${status}, is not the backend's.`, {
      ...details,
      details: shown,
    });
  }
  return new GroundworkError(
    codeOf(backendCode ?? "", status),
    message || `The backend refused: ${backendCode}.`,
    details,
  );
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);

/**
 * By the backend's code where that says more than the status: PostgREST gives 409 for a row that is not there to refer to,
 * 404 for a function that does not exist, and 500 for what will pass.
 */
function codeOf(backendCode: string, status: number): GroundworkErrorCode {
  if (backendCode === "PGRST116" || backendCode === "23503") return "not_found";
  if (backendCode === "57014") return "timeout";
  // Connection, rollback, resources, object state, operator intervention: what passes.
  if (/^(08|40|53|55|57)...$/.test(backendCode)) return "unavailable";
  if (status === 404 && !backendCode.startsWith("GW")) return "internal";
  if (status === 429 && backendCode.startsWith("GW")) return "limit_exceeded";
  if (status === 500 && !backendCode) return "unavailable";
  return (
    byStatus[status] ??
    (status >= 400 && status < 500 ? "validation" : status > 500 || status < 300 ? "unavailable" : "internal")
  );
}

const byStatus: Record<number, GroundworkErrorCode> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  408: "timeout",
  409: "conflict",
  429: "rate_limited",
  500: "internal",
  504: "timeout",
};
