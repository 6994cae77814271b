import postgres from "postgres";

/** The database that DATABASE_URL names, as a superuser. Tests make databases of their own beside it. */
export function adminUrl(): string {
  const url = process.env.DATABASE_URL;
  if (!url) {
    throw new Error(
      "DATABASE_URL is not set. It names a Postgres 15 or later with pgvector, pgTAP and plpgsql_check, as a superuser.\n" +
        "On Debian: DATABASE_URL=$(sudo bash scripts/prepare-debian-postgres.sh | tail -n 1) npm run test:postgres",
    );
  }
  return url;
}

/** The URL of another database, or of another role, of the same server. */
export function siblingUrl(database: string, role?: string): string {
  const url = new URL(adminUrl());
  url.pathname = `/${database}`;
  // The roles that the tests make have this password.
  if (role !== undefined) Object.assign(url, { username: role, password: "postgres" });
  // The Supabase CLI asks for TLS unless it is told otherwise.
  if (!url.searchParams.has("sslmode")) url.searchParams.set("sslmode", "disable");
  return url.href;
}

/** A connection of its own. */
export function connect(url: string): postgres.Sql {
  return postgres(url, { max: 1, onnotice: () => {} });
}

/** Work as the superuser, on a connection of its own. */
export async function asAdmin<T>(work: (sql: postgres.Sql) => Promise<T>, url = adminUrl()): Promise<T> {
  const sql = connect(url);
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}
