import type { LocalBackend, SignedUp } from "#groundwork/local";

/** Sends a POST request to an Edge Function. */
export const postToFunction = (
  { url }: LocalBackend,
  name: string,
  headers: Record<string, string>,
  body?: object,
): Promise<Response> =>
  fetch(`${url}/functions/v1/${name}`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });

/** The headers of a request with the access token of a user. */
export const headersOf = ({ publishableKey }: LocalBackend, { session }: SignedUp): Record<string, string> => ({
  apikey: publishableKey,
  authorization: `Bearer ${session.access_token}`,
});
