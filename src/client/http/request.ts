import { GroundworkError } from "./groundwork-error.ts";
import { type Answer, errorIn } from "./read-answer.ts";
import { retryAfterOf } from "./note-retry-after.ts";
import type { Client } from "../types.ts";

/** How a domain makes its requests. */
export interface RequestSettings {
  /** Milliseconds that a call may take, including its retries. Default 30 000. */
  timeoutMs?: number;
  /**
   * How often a call is repeated after a failure that may pass. Default 3. Only reads, and writes with an idempotency
   * key, are repeated: another write may have happened although its answer was lost.
   */
  maxRetries?: number;
}

/** The options of every call. */
export interface RequestOptions {
  /** Ends the call, which then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Milliseconds that this call may take, including its retries. */
  timeoutMs?: number | undefined;
}

/** Says if a request may be sent again when its outcome is not known. */
export type Repetition = "repeatable" | "once";

/** The client and the settings with which a domain makes its requests. */
export interface Backend {
  supabase: Client;
  settings: RequestSettings | undefined;
}

/**
 * Sends a request until it is answered, fails with an error that does not pass, or its time is up.
 *
 * @throws GroundworkError
 */
export async function request<Data>(
  send: (signal: AbortSignal) => PromiseLike<Answer<Data>>,
  repetition: Repetition,
  settings: RequestSettings = {},
  options: RequestOptions = {},
): Promise<Answer<Data>> {
  const { maxRetries = 3 } = settings;
  const { signal, timeoutMs = settings.timeoutMs ?? 30_000 } = options;
  if (signal?.aborted) throw signal.reason;
  const abort = new AbortController();
  const deadline = Date.now() + timeoutMs;
  let end!: () => void;
  let pause: Timer;
  // The signal alone is not enough: supabase-js may be refreshing the token before it calls fetch, and ignores the
  // signal there.
  const ended = new Promise<never>((_, reject) => {
    end = () => {
      reject(signal?.aborted ? signal.reason : new GroundworkError("timeout", `No answer in ${timeoutMs} ms.`));
      abort.abort();
    };
  });
  // This comes first, because it throws if `signal` is not an AbortSignal.
  signal?.addEventListener("abort", end);
  const timer = setTimeout(end, timeoutMs);

  try {
    for (let attempt = 0; ; attempt++) {
      const answer = await Promise.race([ended, send(abort.signal)]);
      const error = errorIn(answer);
      if (!error) return answer;
      const delay = retryAfterOf(abort.signal) ?? backoff(attempt);
      const passes = error.code === "unavailable" || error.code === "rate_limited";
      const isLast = repetition === "once" || attempt >= maxRetries || Date.now() + delay >= deadline;
      if (!passes || isLast) throw error;
      await Promise.race([ended, new Promise((resolve) => (pause = setTimeout(resolve, delay)))]);
    }
  } finally {
    clearTimeout(timer);
    clearTimeout(pause);
    signal?.removeEventListener("abort", end);
  }
}

type Timer = ReturnType<typeof setTimeout> | undefined;

/** Milliseconds before the next attempt: 100 to 200 before the first retry. Each retry doubles them, up to 5 s. */
const backoff = (attempt: number) => Math.min(100 * 2 ** attempt, 2500) * (1 + Math.random());
