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

/** What fails again in the same way until somebody changes the text, the model or the settings. */
const finalCodes: ReadonlySet<EmbeddingErrorCode> = new Set([
  "wrong_width",
  "refused",
  "unauthorized",
  "not_configured",
]);

interface Details extends ErrorOptions {
  retryAfterMs?: number | undefined;
}

/** There is no usable vector. The message says what to do about it, if anything can be done. */
export class EmbeddingError extends Error {
  override readonly name = "EmbeddingError";
  readonly code: EmbeddingErrorCode;
  /** Whether the same text may get its vector later. */
  readonly retryable: boolean;
  /** How long the provider asks to be left alone, in milliseconds. */
  readonly retryAfterMs?: number;

  constructor(code: EmbeddingErrorCode, message: string, { retryAfterMs, ...options }: Details = {}) {
    super(message, options);
    this.code = code;
    this.retryable = !finalCodes.has(code);
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}
