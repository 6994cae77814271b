import { databaseError } from "./postgrest-error.ts";

/**
 * Throws what Postgres answers to half of a surrogate pair in JSON. Drivers would put U+FFFD in its place when they encode
 * text as UTF-8; PostgREST hands the body of a request to Postgres as it is.
 */
export function refuseLoneSurrogates(parameters: readonly unknown[]): void {
  if (parameters.every(isWellFormed)) return;
  throw databaseError(
    "22P02",
    "invalid input syntax for type json",
    "Unicode low surrogate must follow a high surrogate.",
  );
}

/** Objects are sent as JSON, in which `JSON.stringify` escapes such halves: those Postgres refuses by itself. */
function isWellFormed(parameter: unknown): boolean {
  if (Array.isArray(parameter)) return parameter.every(isWellFormed);
  return typeof parameter !== "string" || parameter.isWellFormed();
}
