import { databaseError } from "./postgrest-error.ts";

/**
 * Throws the error that Postgres gives for a lone surrogate in JSON. When drivers encode text as UTF-8, they would
 * replace a lone surrogate with U+FFFD. PostgREST sends the body of a request to Postgres as it is.
 */
export function refuseLoneSurrogates(parameters: readonly unknown[]): void {
  if (parameters.every(isWellFormed)) return;
  throw databaseError(
    "22P02",
    "invalid input syntax for type json",
    "Unicode low surrogate must follow a high surrogate.",
  );
}

/** Objects are sent as JSON. There, `JSON.stringify` escapes lone surrogates, and Postgres refuses them itself. */
function isWellFormed(parameter: unknown): boolean {
  if (Array.isArray(parameter)) return parameter.every(isWellFormed);
  return typeof parameter !== "string" || parameter.isWellFormed();
}
