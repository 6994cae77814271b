/**
 * The HTTP status that PostgREST gives for the class of a database error:
 * https://docs.postgrest.org/en/v14/references/errors.html#http-status-codes
 */
const statusOfCode: Record<string, number> = {
  "23503": 409,
  "23505": 409,
  "25006": 405,
  "42501": 403,
  "42883": 404,
  "42P01": 404,
  "42P17": 500,
  "53400": 500,
  P0001: 400,
};
const statusOfClass: Record<string, number> = {
  "08": 503,
  "09": 500,
  "0L": 403,
  "0P": 403,
  "25": 500,
  "28": 403,
  "2D": 500,
  "38": 500,
  "39": 500,
  "3B": 500,
  "40": 500,
  "53": 503,
  "54": 500,
  "55": 500,
  "57": 500,
  "58": 500,
  F0: 500,
  HV: 500,
  P0: 500,
  XX: 500,
};

/** The error that a Postgres driver throws when the server refuses a statement. */
export interface DatabaseError extends Error {
  code: string;
  detail?: string;
  hint?: string;
}

/** Makes an error as Postgres would throw it, for a case in which the driver does not send the statement. */
export function databaseError(code: string, message: string, detail?: string): DatabaseError {
  return Object.assign(new Error(message), { code, ...(detail !== undefined && { detail }) });
}

export function isDatabaseError(error: unknown): error is DatabaseError {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code.length === 5;
}

/**
 * Puts an error into PostgREST's documented custom form (SQLSTATE `PGRST`), which @supabase/lite supports. Of the other
 * SQLSTATEs it maps only some as PostgREST does. The rest become a 500 without code, hint and details.
 */
export function toPostgrestError(error: unknown): unknown {
  if (!isDatabaseError(error)) return error;
  const { code, message, detail, hint } = error;
  const mappedByLite = /^(22|42|PT)|^2350[235]$|^PGRST$|^25006$/.test(code);
  if (mappedByLite) return error;
  const status = statusOfCode[code] ?? statusOfClass[code.slice(0, 2)] ?? 400;
  return Object.assign(new Error(JSON.stringify({ code, message, details: detail ?? null, hint: hint ?? null })), {
    code: "PGRST",
    detail: JSON.stringify({ status, headers: {} }),
    cause: error,
  });
}
