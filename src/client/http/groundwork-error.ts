/**
 * What went wrong, in the words that an app branches on.
 *
 * | code              | meaning                                                                              |
 * | ----------------- | ------------------------------------------------------------------------------------ |
 * | `validation`      | what was sent is wrong; the message says where                                       |
 * | `not_found`       | there is no such row, or it is somebody else's                                       |
 * | `conflict`        | the row exists already, or is in a state that does not allow this                    |
 * | `forbidden`       | you may not do this                                                                  |
 * | `unauthenticated` | you are not signed in, or your token has expired                                     |
 * | `limit_exceeded`  | a limit of yours is reached, such as the number of jobs that may wait                |
 * | `rate_limited`    | too many requests in too short a time                                                |
 * | `unavailable`     | the backend was not reached, or did not answer properly; whether a write happened is not known |
 * | `timeout`         | no answer in time; whether a write happened is not known                             |
 * | `internal`        | a fault of the backend or of this library                                            |
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

/** What a `GroundworkError` knows besides its code and message. */
export interface GroundworkErrorDetails extends ErrorOptions {
  /** The HTTP status of the answer; 0 or absent when there was none. */
  status?: number | undefined;
  /** The backend's own code: `GW…` (see `errorCodes`), a SQLSTATE, `PGRST…`, or a function's. */
  backendCode?: string | undefined;
  /** What exactly, such as the key that exists already. */
  details?: string | null | undefined;
  /** What to do about it. */
  hint?: string | null | undefined;
}

/**
 * The one error that the domains of `createGroundwork` throw, except that an aborted call throws the reason of its signal.
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
  /** What an app branches on. */
  declare readonly code: GroundworkErrorCode;
  /** The HTTP status of the answer; 0 or absent when there was none. */
  declare readonly status: number | undefined;
  /** The backend's own code: `GW…` (see `errorCodes`), a SQLSTATE, `PGRST…`, or a function's. */
  declare readonly backendCode: string | undefined;
  /** What exactly, such as the key that exists already. */
  declare readonly details: string | null | undefined;
  /** What to do about it. */
  declare readonly hint: string | null | undefined;

  constructor(code: GroundworkErrorCode, message: string, details?: GroundworkErrorDetails) {
    super(message);
    Object.assign(this, { name: "GroundworkError", code, ...details });
  }
}
