/** The same rule as Supabase's gateway: any page may call, because a call needs a key and a token anyway. */
const allowOrigin = "access-control-allow-origin";

/** Answers the preflight request of a browser; undefined for any other request. */
export function answerPreflight({ method, headers }: Request): Response | undefined {
  if (method !== "OPTIONS" || !headers.has("access-control-request-method")) return undefined;
  return new Response(null, {
    status: 204,
    headers: {
      [allowOrigin]: "*",
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
      "access-control-allow-headers": headers.get("access-control-request-headers") ?? "*",
      "access-control-max-age": "3600",
    },
  });
}

/** Adds the headers with which a page of any origin can read the answer, including those that supabase-js reads. */
export function withCorsHeaders({ headers }: Request, response: Response): Response {
  if (!headers.has("origin") || response.headers.has(allowOrigin)) return response;
  const readable = new Response(response.body, response);
  readable.headers.set(allowOrigin, "*");
  readable.headers.set(
    "access-control-expose-headers",
    "Content-Range, X-Total-Count, Link, Retry-After, X-Sb-Error-Code",
  );
  return readable;
}
