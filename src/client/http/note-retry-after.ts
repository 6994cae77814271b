import { retryAfterMs } from "../../shared/retry-after.ts";

/** Milliseconds that the last answer to a request asked to wait, by the request's signal: supabase-js hands on no headers. */
const retryAfter = new WeakMap<AbortSignal, number | undefined>();

/** A fetch that notes `Retry-After`, for the options of a supabase-js client. */
export function notingRetryAfter(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (init?.signal) retryAfter.set(init.signal, retryAfterMs(response.headers.get("retry-after")));
    return response;
  };
}

/** Milliseconds to wait before the request with this signal is repeated, if the backend said so. */
export const retryAfterOf = (signal: AbortSignal): number | undefined => retryAfter.get(signal);
