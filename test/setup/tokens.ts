import { createSecretKey } from "node:crypto";
import { createClient } from "#groundwork";
import type { LocalBackend } from "#groundwork/local";
import { SignJWT } from "jose";

/**
 * Makes a client with a valid token with the given claims, such as a token of an outside issuer or of a former session.
 */
export async function clientWithClaims(backend: LocalBackend, claims: Record<string, unknown>) {
  const token = await new SignJWT({ role: "authenticated", aud: "authenticated", ...claims })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(createSecretKey(Buffer.from(backend.jwtSecret)));
  return createClient(backend.url, backend.publishableKey, { accessToken: async () => token });
}
