/**
 * The kind of an error, for an app to branch on.
 *
 * | code              | meaning                                                                             |
 * | ----------------- | ----------------------------------------------------------------------------------- |
 * | `validation`      | the request is not valid; the message says what is wrong                            |
 * | `not_found`       | the row does not exist, or belongs to another user                                  |
 * | `conflict`        | the row exists already, or its state does not allow the call                        |
 * | `forbidden`       | you are not allowed to do this                                                      |
 * | `unauthenticated` | you are not signed in, or your token has expired                                    |
 * | `limit_exceeded`  | you have reached a limit, such as the number of jobs that may wait                  |
 * | `rate_limited`    | too many requests in too short a time                                               |
 * | `unavailable`     | the backend was not reached, or gave no proper answer; a write may have happened    |
 * | `timeout`         | no answer came in time; a write may have happened                                   |
 * | `internal`        | a fault of the backend or of this library                                           |
 */
export type GroundworkErrorCode =
  | "validation"
  | "not_found"
  | "conflict"
  | "forbidden"
  | "unauthenticated"
  | "limit_exceeded"
  | "rate_limited"
  | "unavailable"
  | "timeout"
  | "internal";

/** The properties of a `GroundworkError` besides its code and message. */
export interface GroundworkErrorDetails extends ErrorOptions {
  /** The HTTP status of the answer; 0 or absent when there was no answer. */
  status?: number | undefined;
  /** The code that the backend gave: `GW…` (see `errorCodes`), a SQLSTATE, `PGRST…`, or a code of an Edge Function. */
  backendCode?: string | undefined;
  /** More about the cause, such as the key that exists already. */
  details?: string | null | undefined;
  /** How to solve the problem. */
  hint?: string | null | undefined;
}

/**
 * The error that all domains of `createGroundwork` throw. There is one exception: an aborted call throws the reason of
 * its signal.
 *
 * @example
 * try {
 *   await gw.intentions.complete(id, "We did it.");
 * } catch (error) {
 *   if (error instanceof GroundworkError && error.backendCode === "GW202") return; // completed already
 *   throw error;
 * }
 */
export class GroundworkError extends Error {
  /** The kind of the error, for an app to branch on. */
  declare readonly code: GroundworkErrorCode;
  /** The HTTP status of the answer; 0 or absent when there was no answer. */
  declare readonly status: number | undefined;
  /** The code that the backend gave: `GW…` (see `errorCodes`), a SQLSTATE, `PGRST…`, or a code of an Edge Function. */
  declare readonly backendCode: string | undefined;
  /** More about the cause, such as the key that exists already. */
  declare readonly details: string | null | undefined;
  /** How to solve the problem. */
  declare readonly hint: string | null | undefined;

  constructor(code: GroundworkErrorCode, message: string, details?: GroundworkErrorDetails) {
    super(message);
    Object.assign(this, { name: "GroundworkError", code, ...details });
  }
}
