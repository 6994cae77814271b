import type { LocalDatabase } from "#groundwork/local";

/** Runs a statement and returns the first column of its rows, as text. */
export type Ask = (sql: string) => Promise<string[]>;

export interface Actors {
  /** The user `ada`, with an account of Supabase Auth. */
  user: Ask;
  /** Another user. */
  stranger: Ask;
  service: Ask;
  /** The owner of the schema. */
  owner: Ask;
}

/** Returns two accounts and the other roles, as PostgREST runs their requests. */
export async function actorsOf(database: LocalDatabase): Promise<Actors> {
  const signUp = async (name: string) => {
    const [account] = await database.query<{ id: string }>(
      "insert into auth.users (id, email) values (gen_random_uuid(), $1) returning id",
      [`${name}@example.com`],
    );
    return ask(database, "authenticated", { sub: account!.id, role: "authenticated" });
  };
  return {
    user: await signUp("ada"),
    stranger: await signUp("grace"),
    service: ask(database, "service_role", { role: "service_role" }),
    owner: ask(database),
  };
}

function ask(database: LocalDatabase, role?: string, claims?: object): Ask {
  return (sql) =>
    database.transaction(async ({ query }) => {
      if (role) {
        await query("select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", [
          role,
          JSON.stringify(claims),
        ]);
      }
      const rows = await query<object>(sql);
      return rows.map((row) => textOf(Object.values(row)[0]));
    });
}

const textOf = (value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value));
