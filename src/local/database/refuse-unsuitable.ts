import { StartError } from "../start-error.ts";
import type { Database } from "./database.ts";

interface Suitability {
  version: number;
  authOwner: string | null;
  hasGotrue: boolean;
  hasVector: boolean;
}

/**
 * Throws a `StartError` for a database that the embedded stack must not or cannot use. Reads only.
 *
 * A Supabase project manages its own `auth` schema. Ours would overwrite functions in it, so such a database is refused.
 */
export async function refuseUnsuitable(database: Database): Promise<void> {
  const [found] = await database.query<Suitability>(`
    select
      current_setting('server_version_num')::integer as version,
      (select nspowner::regrole::text from pg_catalog.pg_namespace where nspname = 'auth') as "authOwner",
      to_regclass('auth.schema_migrations') is not null as "hasGotrue",
      exists (select from pg_catalog.pg_available_extensions where name = 'vector') as "hasVector"
  `);
  const { version, authOwner, hasGotrue, hasVector } = found!;
  if (version < 150_000) {
    throw new StartError(`This is Postgres ${Math.floor(version / 10_000)}.`, "Groundwork needs Postgres 15 or later.");
  }
  if (hasGotrue || authOwner === "supabase_auth_admin") {
    throw new StartError(
      "The auth schema of this database is managed by a Supabase project. Nothing was changed.",
      "Use the project as it is: npx supabase db push, and createClient with the project's own URL.",
    );
  }
  if (!hasVector) {
    throw new StartError(
      "This Postgres has no pgvector.",
      "Install the extension for it (Debian: postgresql-<version>-pgvector).",
    );
  }
}

/** What a driver says when it can't connect, as a `StartError`. */
export function connectionFault(url: string, error: unknown): StartError {
  const { code = "", message } = error as { code?: string; message: string };
  const target = URL.canParse(url) ? new URL(url).host : "the database";
  const remedies: Record<string, string> = {
    ECONNREFUSED: "Check host and port, and that Postgres runs there.",
    ENOTFOUND: "Check the host name in the URL.",
    CONNECT_TIMEOUT: "Check host and port; a firewall may be in between.",
    "28P01": "Check user and password; characters such as @ in a password are written %40.",
    "28000": "Check the user, and whether the server wants ?sslmode=require.",
    "3D000": "Create the database, or correct its name in the URL.",
  };
  return new StartError(
    `Cannot connect to ${target}: ${message || code}`,
    remedies[code] ?? "The URL has the form postgresql://user:password@host:5432/database.",
    { cause: error },
  );
}
