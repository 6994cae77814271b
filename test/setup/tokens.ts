import { createSecretKey } from "node:crypto";
import { createClient } from "#groundwork";
import type { LocalBackend } from "#groundwork/local";
import { SignJWT } from "jose";

/** A client that holds a valid token with the given claims, as an outside issuer or a former session would give it. */
export async function clientWithClaims(backend: LocalBackend, claims: Record<string, unknown>) {
  const token = await new SignJWT({ role: "authenticated", aud: "authenticated", ...claims })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(createSecretKey(Buffer.from(backend.jwtSecret)));
  return createClient(backend.url, backend.publishableKey, { accessToken: async () => token });
}
