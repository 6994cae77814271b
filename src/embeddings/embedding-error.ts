export type EmbeddingErrorCode =
  | "wrong_width"
  | "not_finite"
  | "zero_vector"
  | "missing"
  | "invalid_answer"
  | "refused"
  | "unauthorized"
  | "rate_limited"
  | "unavailable"
  | "timed_out"
  | "aborted"
  | "not_configured";

/** Errors that occur again until somebody changes the text, the model or the settings. */
const finalCodes: ReadonlySet<EmbeddingErrorCode> = new Set([
  "wrong_width",
  "refused",
  "unauthorized",
  "not_configured",
]);

interface Details extends ErrorOptions {
  retryAfterMs?: number | undefined;
}

/** The reason why there is no usable embedding. The message says what to do, if anything can be done. */
export class EmbeddingError extends Error {
  override readonly name = "EmbeddingError";
  readonly code: EmbeddingErrorCode;
  /** True if the same text may get its embedding later. */
  readonly retryable: boolean;
  /** How long the provider asks to wait, in milliseconds. */
  readonly retryAfterMs?: number;

  constructor(code: EmbeddingErrorCode, message: string, { retryAfterMs, ...options }: Details = {}) {
    super(message, options);
    this.code = code;
    this.retryable = !finalCodes.has(code);
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}
