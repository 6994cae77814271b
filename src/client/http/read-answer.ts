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
  const { code, message, details, hint } = ((error as ErrorBody)?.error ?? error ?? {}) as Record<
    string,
    string | undefined
  >;
  // Without a code it is no error of the backend, but of a proxy in between; and 0 is none at all.
  if (status && !code) return notFromBackend(status, message);
  return new GroundworkError(codeOf(code ?? "", status), status ? message! : `Not reached: ${message}`, {
    status,
    backendCode: code,
    details,
    hint,
    cause: error,
  });
}

type ErrorBody = { error?: unknown } | null;

/** Something between here and the backend has answered, or broken the answer off. */
export function notFromBackend(status: number, body = ""): GroundworkError {
  const message = `Answer ${status} is not the backend's.`;
  return new GroundworkError(codeOf("", status), message, { status, details: body.slice(0, 200) });
}

/**
 * By the backend's code where that says more than the status: PostgREST gives 409 for a row that is not there to refer to,
 * 404 for a function that does not exist, and 500 for what will pass.
 */
function codeOf(backendCode: string, status: number): GroundworkErrorCode {
  const isOurs = backendCode.startsWith("GW");
  // Connection, rollback, resources, object state, operator intervention: what passes.
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
