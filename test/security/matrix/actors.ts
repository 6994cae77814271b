import { createSecretKey } from "node:crypto";
import type { LocalBackend } from "#groundwork/local";
import { SignJWT } from "jose";
import { insertAccount } from "../../setup/users.ts";
import { type RowMaker, createRowMaker } from "./row-maker.ts";
import type { Shape } from "./shape.ts";

export interface User {
  userId: string;
  marker: string;
  rows: RowMaker;
}

/** A caller of the API. */
export interface Actor {
  name: string;
  role: "anon" | "authenticated";
  /** The claims of the token; undefined if no token is sent. */
  claims: Record<string, unknown> | undefined;
  token: string | undefined;
  /** The id with which the actor would own rows. */
  userId: string;
  /** True if there is an account that may own rows. */
  isAccount: boolean;
  /** The user, if the actor has rows. */
  user?: User;
}

export async function signToken(
  claims: Record<string, unknown>,
  secret: string,
  expires: string = "1h",
): Promise<string> {
  return new SignJWT({ role: "authenticated", aud: "authenticated", ...claims })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(createSecretKey(Buffer.from(secret)));
}

/** Signs up a user. Rows are made when they are needed. */
export async function makeUser(backend: LocalBackend, shape: Shape, label: string): Promise<User> {
  const marker = `${label}${crypto.randomUUID().slice(0, 8)}`;
  const email = `${marker}@example.com`;
  const userId = await insertAccount(backend, { email, raw_user_meta_data: { name: marker } });
  return { userId, marker, rows: createRowMaker(backend.database, shape, { userId, marker }) };
}

/** Signs up a user who has a row in every table. */
export async function makeUserWithRows(backend: LocalBackend, shape: Shape, label: string): Promise<User> {
  const user = await makeUser(backend, shape, label);
  for (const { kind, name } of shape.exposed) if (kind === "table") await user.rows.row(name);
  return user;
}

export const ownerActor = (backend: LocalBackend, user: User) =>
  accountActor(backend, "the owner", { sub: user.userId }, { userId: user.userId, user });

/** Returns all actors who have no right to other users' rows, which is every actor. */
export async function makeStrangers(
  backend: LocalBackend,
  shape: Shape,
  options: { withRows: boolean },
): Promise<Actor[]> {
  const { database } = backend;
  const anonymousId = await insertAccount(backend, { is_anonymous: true });
  const member = await makeUser(backend, shape, "mem");
  const stranger = await (options.withRows ? makeUserWithRows : makeUser)(backend, shape, "str");
  const deletedId = await insertAccount(backend, { email: `${crypto.randomUUID()}@example.com` });
  await database.query("delete from auth.users where id = $1", [deletedId]);
  const subject = () => `user_${crypto.randomUUID().slice(0, 8)}`;
  const [unknownSubject, knownSubject] = [subject(), subject()];
  const [known] = await database.query<{ id: string }>(
    "insert into public.users (clerk_user_id, email, name) values ($1, $2, 'Clerk') returning id",
    [knownSubject, `${knownSubject}@example.com`],
  );

  return [
    {
      name: "a visitor",
      role: "anon",
      claims: undefined,
      token: undefined,
      userId: crypto.randomUUID(),
      isAccount: false,
    },
    await accountActor(
      backend,
      "an anonymous account",
      { sub: anonymousId, is_anonymous: true },
      { userId: anonymousId },
    ),
    await accountActor(backend, "a member who owns nothing", { sub: member.userId }, { userId: member.userId }),
    await accountActor(
      backend,
      "a stranger with rows",
      { sub: stranger.userId },
      { userId: stranger.userId, user: stranger },
    ),
    await accountActor(
      backend,
      "a Clerk token without an account",
      { sub: unknownSubject },
      { userId: crypto.randomUUID(), isAccount: false },
    ),
    await accountActor(backend, "a Clerk account without rows", { sub: knownSubject }, { userId: known!.id }),
    await accountActor(
      backend,
      "the token of a deleted account",
      { sub: deletedId },
      { userId: deletedId, isAccount: false },
    ),
  ];
}

async function accountActor(
  { jwtSecret }: LocalBackend,
  name: string,
  claims: Record<string, unknown>,
  rest: { userId: string; isAccount?: boolean; user?: User },
): Promise<Actor> {
  const token = await signToken(claims, jwtSecret);
  return { name, role: "authenticated", claims: { role: "authenticated", ...claims }, token, isAccount: true, ...rest };
}
