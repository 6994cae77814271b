import { createSecretKey } from "node:crypto";
import type { LocalBackend } from "#groundwork/local";
import { SignJWT } from "jose";
import { insertAccount } from "../../setup/people.ts";
import { type RowMaker, createRowMaker } from "./row-maker.ts";
import type { Shape } from "./shape.ts";

export interface Person {
  userId: string;
  marker: string;
  rows: RowMaker;
}

/** Somebody at the door of the API. */
export interface Actor {
  name: string;
  role: "anon" | "authenticated";
  /** Undefined: no token is sent. */
  claims: Record<string, unknown> | undefined;
  token: string | undefined;
  /** The id that they would own rows under. */
  userId: string;
  /** Whether there is an account that may own rows. */
  isAccount: boolean;
  /** Set for those who have rows of their own. */
  person?: Person;
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

/** Signs somebody up, with rows made as they are asked for. */
export async function makePerson(backend: LocalBackend, shape: Shape, label: string): Promise<Person> {
  const marker = `${label}${crypto.randomUUID().slice(0, 8)}`;
  const email = `${marker}@example.com`;
  const userId = await insertAccount(backend, { email, raw_user_meta_data: { name: marker } });
  return { userId, marker, rows: createRowMaker(backend.database, shape, { userId, marker }) };
}

/** Signs somebody up who has a row in every table. */
export async function makePersonWithRows(backend: LocalBackend, shape: Shape, label: string): Promise<Person> {
  const person = await makePerson(backend, shape, label);
  for (const { kind, name } of shape.exposed) if (kind === "table") await person.rows.row(name);
  return person;
}

export const ownerActor = (backend: LocalBackend, person: Person) =>
  accountActor(backend, "the owner", { sub: person.userId }, { userId: person.userId, person });

/** Everybody who has no right to other people's rows, and that is everybody. */
export async function makeStrangers(
  backend: LocalBackend,
  shape: Shape,
  options: { withRows: boolean },
): Promise<Actor[]> {
  const { database } = backend;
  const anonymousId = await insertAccount(backend, { is_anonymous: true });
  const member = await makePerson(backend, shape, "mem");
  const stranger = await (options.withRows ? makePersonWithRows : makePerson)(backend, shape, "str");
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
      { userId: stranger.userId, person: stranger },
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
  rest: { userId: string; isAccount?: boolean; person?: Person },
): Promise<Actor> {
  const token = await signToken(claims, jwtSecret);
  return { name, role: "authenticated", claims: { role: "authenticated", ...claims }, token, isAccount: true, ...rest };
}
