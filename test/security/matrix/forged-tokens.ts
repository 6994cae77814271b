import type { LocalBackend } from "#groundwork/local";
import { type User, signToken } from "./actors.ts";

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Makes forged tokens in the name of the victim and of the service role, which no issuer has signed. */
export async function forgedTokens({ jwtSecret }: LocalBackend, { userId }: User): Promise<Record<string, string>> {
  const claims = { sub: userId, role: "authenticated" };
  const own = await signToken({ sub: crypto.randomUUID() }, jwtSecret);
  const [header, , signature] = own.split(".");
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return {
    "signed with another secret": await signToken(claims, "another-secret-with-at-least-32-characters"),
    expired: await signToken(claims, jwtSecret, "-1h"),
    unsigned: `${encode({ alg: "none", typ: "JWT" })}.${encode({ ...claims, exp })}.`,
    "with its claims replaced": `${header}.${encode({ ...claims, exp })}.${signature}`,
    "of a service role, signed with another secret": await signToken(
      { role: "service_role" },
      "another-secret-with-at-least-32-characters",
    ),
  };
}
