import type { Client } from "./open-client.ts";

/** Returns the settings that the API makes for each request: the role, and the claims of a token of Supabase Auth. */
export function requestSettings(user: string): { role: string; claims: string } {
  const claims = {
    iss: "http://127.0.0.1:54321/auth/v1",
    sub: user,
    aud: "authenticated",
    exp: 1_795_258_800,
    iat: 1_795_255_200,
    email: "person@example.com",
    phone: "",
    app_metadata: { provider: "email", providers: ["email"] },
    user_metadata: { name: "Person", email_verified: true },
    role: "authenticated",
    aal: "aal1",
    amr: [{ method: "password", timestamp: 1_795_255_200 }],
    session_id: user,
    is_anonymous: false,
  };
  return { role: "authenticated", claims: JSON.stringify(claims) };
}

export const setRequest = "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)";

/** Returns the milliseconds of the work alone, in a transaction with the settings of a request. */
export async function timeInRequest(
  client: Client,
  { role, claims }: { role: string; claims: string },
  work: () => Promise<unknown>,
): Promise<number> {
  await client.simple("begin");
  await client.prepared(setRequest, [role, claims]);
  const ms = await time(work);
  await client.simple("commit");
  return ms;
}

export async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
