import { GroundworkError, type GroundworkErrorCode } from "./groundwork-error.ts";

/** The answer to a request: from PostgREST through supabase-js, or from an Edge Function. */
export interface Answer<Data> {
  data: Data;
  /** How supabase-js reports a failure: a JSON body as it was, or any other text in `message`. */
  error: unknown;
  /** 0 when there was no answer. */
  status: number;
  count?: number | null;
}

/** Returns the error of an answer; undefined if the request succeeded. */
export function errorIn({ error, status }: Answer<unknown>): GroundworkError | undefined {
  if (!error && status < 400) return undefined;
  // The body of an Edge Function has its error in the field `error`.
  const { code, message, details, hint } = ((error as ErrorBody)?.error ?? error ?? {}) as Record<
    string,
    string | undefined
  >;
  // An error without a code comes from a proxy, not from the backend. Status 0 means that there was no answer.
  if (status && !code) return notFromBackend(status, message);
  return new GroundworkError(codeOf(code ?? "", status), status ? message! : `No answer: ${message}`, {
    status,
    backendCode: code,
    details,
    hint,
    cause: error,
  });
}

type ErrorBody = { error?: unknown } | null;

/** The error for an answer that came from a proxy, or that broke off. */
export function notFromBackend(status: number, body = ""): GroundworkError {
  const message = `Answer ${status} is not from the backend.`;
  return new GroundworkError(codeOf("", status), message, { status, details: body.slice(0, 200) });
}

/**
 * Chooses by the backend's code if it says more than the status. PostgREST gives 409 for a reference to a row that does
 * not exist, 404 for a function that does not exist, and 500 for some errors that pass.
 */
function codeOf(backendCode: string, status: number): GroundworkErrorCode {
  const isOurs = backendCode.startsWith("GW");
  // These classes of SQLSTATE pass: connection, rollback, resources, object state, operator intervention.
  const passes = /^(08|40|53|55|57|58)...$/.test(backendCode) || status < 400 || (status >= 500 && !backendCode);
  if (codes[backendCode]) return codes[backendCode];
  if (passes && status !== 504) return "unavailable";
  if (isOurs && status === 429) return "limit_exceeded";
  if (!isOurs && status === 404) return "internal";
  return codes[status] ?? (status < 500 ? "validation" : "internal");
}

const codes: Record<string, GroundworkErrorCode> = {
  23503: "not_found",
  57014: "timeout",
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  410: "not_found",
  429: "rate_limited",
  503: "unavailable",
  504: "timeout",
};
