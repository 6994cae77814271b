import { createSecretKey } from "node:crypto";
import { type JWK, SignJWT, jwtVerify } from "jose";

const keyId = "groundwork-local";

/** The public form of the key that `resignToken` uses, for `SUPABASE_JWKS`. */
export function localJwks(jwtSecret: string): { keys: JWK[] } {
  const k = Buffer.from(jwtSecret).toString("base64url");
  return { keys: [{ kty: "oct", alg: "HS256", kid: keyId, k }] };
}

/**
 * Signs the claims of a token again, with a key id. `@supabase/server` refuses tokens without a key id, and those of
 * @supabase/lite have none. A token that is not valid is returned as it is, so that the function refuses it.
 */
export async function resignToken(token: string, jwtSecret: string): Promise<string> {
  const key = createSecretKey(Buffer.from(jwtSecret));
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ["HS256"] });
    return await new SignJWT(payload).setProtectedHeader({ alg: "HS256", typ: "JWT", kid: keyId }).sign(key);
  } catch {
    return token;
  }
}
