import { retryAfterMs } from "../../shared/retry-after.ts";

/**
 * The `Retry-After` of the last answer in milliseconds, by the signal of the request. supabase-js does not return
 * headers.
 */
const retryAfter = new WeakMap<AbortSignal, number | undefined>();

/** Wraps a fetch so that it notes `Retry-After`. It is meant for the options of a supabase-js client. */
export function notingRetryAfter(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (init?.signal) retryAfter.set(init.signal, retryAfterMs(response.headers.get("retry-after")));
    return response;
  };
}

/** How many milliseconds the backend asked to wait before the request with this signal is repeated. */
export const retryAfterOf = (signal: AbortSignal): number | undefined => retryAfter.get(signal);
