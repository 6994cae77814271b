import { GroundworkError } from "./groundwork-error.ts";
import { type Answer, errorIn } from "./read-answer.ts";
import { retryAfterOf } from "./retry-after.ts";

/** How a domain makes its requests. */
export interface RequestSettings {
  /** Milliseconds that a call may take with all its retries. Default 30 000. */
  timeoutMs?: number;
  /**
   * How often a call that failed for a passing reason is repeated. Default 3. Only reads, and writes that carry an
   * idempotency key: any other may have happened although its answer was lost.
   */
  maxRetries?: number;
}

/** What any call takes besides its arguments. */
export interface RequestOptions {
  /** Ends the call; it throws the signal's reason then. */
  signal?: AbortSignal | undefined;
  /** Milliseconds that this call may take with all its retries. */
  timeoutMs?: number | undefined;
}

/** How one request is made. */
export interface Manner extends RequestOptions, Pick<RequestSettings, "maxRetries"> {
  /** Whether the request may be sent again when it is not known what became of it. */
  isRepeatable: boolean;
}

/**
 * Sends a request until there is an answer, the error will not pass, or the time is up.
 *
 * @throws GroundworkError
 */
export async function request<Data>(
  send: (signal: AbortSignal) => PromiseLike<Answer<Data>>,
  { signal, timeoutMs = 30_000, maxRetries = 3, isRepeatable }: Manner,
): Promise<Answer<Data>> {
  if (signal?.aborted) throw reasonOf(signal);
  const abort = new AbortController();
  const pass = () => abort.abort(reasonOf(signal!));
  signal?.addEventListener("abort", pass);
  const timeUp = () => abort.abort(new GroundworkError("timeout", `There was no answer within ${timeoutMs} ms.`));
  const timer = setTimeout(timeUp, timeoutMs);
  const deadline = Date.now() + timeoutMs;
  let pause: ReturnType<typeof setTimeout> | undefined;
  // Not left to fetch: before it, supabase-js may be refreshing the token, which no signal ends.
  const aborted = new Promise<never>((_, reject) => {
    abort.signal.addEventListener("abort", () => reject(abort.signal.reason));
  });

  try {
    for (let attempt = 0; ; attempt++) {
      const answer = await Promise.race([send(abort.signal), aborted]);
      const error = errorIn(answer);
      if (!error) return answer;
      abort.signal.throwIfAborted();
      const delay = retryAfterOf(abort.signal) ?? backoff(attempt);
      const passes = error.code === "unavailable" || error.code === "rate_limited";
      if (!passes || !isRepeatable || attempt >= maxRetries || Date.now() + delay >= deadline) throw error;
      await Promise.race([new Promise((resolve) => (pause = setTimeout(resolve, delay))), aborted]);
    }
  } finally {
    clearTimeout(timer);
    clearTimeout(pause);
    signal?.removeEventListener("abort", pass);
  }
}

/** Milliseconds before the next attempt: from 100 to 200 for the first, twice as much for each, up to 5 s. */
const backoff = (attempt: number) => Math.min(100 * 2 ** attempt, 2500) * (1 + Math.random());

/** A signal that ran out of time is a timeout, however it was made. */
export function reasonOf({ reason }: AbortSignal): unknown {
  if ((reason as Error | null)?.name !== "TimeoutError") return reason;
  return new GroundworkError("timeout", "There was no answer within the time of the signal.", { cause: reason });
}
