import { GroundworkError } from "./groundwork-error.ts";
import { type Answer, errorIn } from "./read-answer.ts";
import { retryAfterOf } from "./note-retry-after.ts";
import type { Client } from "../types.ts";

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

/** Whether a request may be sent again when it is not known what became of it. */
export type Repetition = "repeatable" | "once";

/** What a domain makes its requests with. */
export interface Backend {
  supabase: Client;
  settings: RequestSettings | undefined;
}

/**
 * Sends a request until there is an answer, the error will not pass, or the time is up.
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
  // Not left to fetch: before it, supabase-js may be refreshing the token, which no signal ends.
  const ended = new Promise<never>((_, reject) => {
    end = () => {
      reject(signal?.aborted ? signal.reason : new GroundworkError("timeout", `No answer in ${timeoutMs} ms.`));
      abort.abort();
    };
  });
  // First, because it throws at once if it is given something else.
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

/** Milliseconds before the next attempt: from 100 to 200 for the first, twice as much for each, up to 5 s. */
const backoff = (attempt: number) => Math.min(100 * 2 ** attempt, 2500) * (1 + Math.random());
