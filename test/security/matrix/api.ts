import type { LocalBackend } from "#groundwork/local";

export interface ApiRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** The path after `/rest/v1/`. */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  body: string;
  /** The number of all rows that match and are visible, if the request asked for it. */
  count: number | undefined;
}

/** In milliseconds. Some requests are slow, so a request that takes this long shows nothing about rights. */
const timeoutMs = 120_000;

/**
 * Sends one request with the publishable key, as `supabase-js` does, and with a token if there is one.
 *
 * @throws Error if there is no answer, which is neither a leak nor a refusal
 */
export async function send(
  { url, publishableKey }: Pick<LocalBackend, "url" | "publishableKey">,
  token: string | undefined,
  request: ApiRequest,
  limitMs = timeoutMs,
): Promise<Answer> {
  const { method, path, body, headers } = request;
  const signal = AbortSignal.timeout(limitMs);
  const init: RequestInit = {
    method,
    signal,
    headers: {
      apikey: publishableKey,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
  try {
    const response = await fetch(`${url}/rest/v1/${path}`, init);
    const total = response.headers.get("content-range")?.split("/")[1];
    return {
      status: response.status,
      body: await response.text(),
      count: total === undefined || total === "*" ? undefined : Number(total),
    };
  } catch (cause) {
    const what = signal.aborted ? `a timeout: no answer within ${limitMs} ms` : "no answer";
    throw new Error(`The matrix can't go on, there was ${what} to ${describeRequest(request)}.`, { cause });
  }
}

/** Describes a request: `PATCH thoughts?id=eq.1 {"reflection":"x"}`. Long bodies are shortened. */
export function describeRequest({ method, path, body }: ApiRequest): string {
  const text = `${method} ${decodeURIComponent(path)}${body === undefined ? "" : ` ${JSON.stringify(body)}`}`;
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** Makes a filter: `id=eq.1&user_id=eq.…`. */
export function filter(columns: string[], row: Record<string, unknown>): string {
  return columns.map((column) => `${column}=eq.${encodeURIComponent(String(row[column]))}`).join("&");
}
