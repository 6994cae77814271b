import type { LocalBackend } from "#groundwork/local";

export interface ApiRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** What follows `/rest/v1/`. */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  body: string;
  /** Of all rows that match, visible ones only, when the request asked for the count. */
  count: number | undefined;
}

/** One request with the publishable key, as `supabase-js` would send it, and a token if there is one. */
export async function send(
  { url, publishableKey }: LocalBackend,
  token: string | undefined,
  { method, path, body, headers }: ApiRequest,
): Promise<Answer> {
  const response = await fetch(`${url}/rest/v1/${path}`, {
    method,
    headers: {
      apikey: publishableKey,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const total = response.headers.get("content-range")?.split("/")[1];
  return {
    status: response.status,
    body: await response.text(),
    count: total === undefined || total === "*" ? undefined : Number(total),
  };
}

/** `PATCH thoughts?id=eq.1 {"reflection":"x"}`, shortened where bodies are long. */
export function describeRequest({ method, path, body }: ApiRequest): string {
  const text = `${method} ${decodeURIComponent(path)}${body === undefined ? "" : ` ${JSON.stringify(body)}`}`;
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** `id=eq.1&user_id=eq.…` */
export function filter(columns: string[], row: Record<string, unknown>): string {
  return columns.map((column) => `${column}=eq.${encodeURIComponent(String(row[column]))}`).join("&");
}
