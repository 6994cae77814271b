import postgres from "postgres";

/** Returns the URL of the database of DATABASE_URL, as a superuser. Tests make their own databases on that server. */
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

/** Returns the URL of another database on the same server, or for another role. */
export function siblingUrl(database: string, role?: string): string {
  const url = new URL(adminUrl());
  url.pathname = `/${database}`;
  // The roles that the tests make have this password.
  if (role !== undefined) Object.assign(url, { username: role, password: "postgres" });
  // The Supabase CLI uses TLS by default.
  if (!url.searchParams.has("sslmode")) url.searchParams.set("sslmode", "disable");
  return url.href;
}

/** Opens a new connection. */
export function connect(url: string): postgres.Sql {
  return postgres(url, { max: 1, onnotice: () => {} });
}

/** Runs work as the superuser, on a new connection. */
export async function asAdmin<T>(work: (sql: postgres.Sql) => Promise<T>, url = adminUrl()): Promise<T> {
  const sql = connect(url);
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}
