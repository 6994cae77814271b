import { StartError } from "../start-error.ts";
import type { LocalDatabase } from "./local-database.ts";
import { openPostgres } from "./open-postgres.ts";

interface Suitability {
  version: number;
  authOwner: string | null;
  hasGotrue: boolean;
  hasVector: boolean;
  hasBtreeGin: boolean;
}

/**
 * Throws a `StartError` for a database that the embedded stack cannot or must not use. It only reads.
 *
 * A Supabase project manages its own `auth` schema. Ours would overwrite functions in it, so the database of a project
 * is refused.
 */
export async function refuseUnsuitable(database: LocalDatabase): Promise<void> {
  const [found] = await database.query<Suitability>(`
    select
      current_setting('server_version_num')::integer as version,
      (select nspowner::regrole::text from pg_catalog.pg_namespace where nspname = 'auth') as "authOwner",
      to_regclass('auth.schema_migrations') is not null as "hasGotrue",
      exists (select from pg_catalog.pg_available_extensions where name = 'vector') as "hasVector",
      exists (select from pg_catalog.pg_available_extensions where name = 'btree_gin') as "hasBtreeGin"
  `);
  const { version, authOwner, hasGotrue, hasVector, hasBtreeGin } = found!;
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
  if (!hasBtreeGin) {
    throw new StartError(
      "This Postgres has no btree_gin.",
      "Install the extensions that come with Postgres (Debian: postgresql-contrib).",
    );
  }
}

/** Opens the database, or throws a `StartError` that says what is wrong with the URL. */
export async function connectPostgres(url: string): Promise<LocalDatabase> {
  const isPostgres = URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol);
  if (!isPostgres) throw new StartError("This is not the URL of a Postgres database.", urlForm);
  return openPostgres(url).catch((error: { code?: string; message?: string }) => {
    const { code = "", message } = error;
    const fault = `Cannot connect to ${new URL(url).host}: ${message || code}`;
    throw new StartError(fault, remedies[code] ?? urlForm, { cause: error });
  });
}

const urlForm = "The URL has the form postgresql://user:password@host:5432/database.";

const remedies: Record<string, string> = {
  ECONNREFUSED: "Check host and port, and that Postgres runs there.",
  ENOTFOUND: "Check the host name in the URL.",
  CONNECT_TIMEOUT: "Check host and port. A firewall may block the connection.",
  "28P01": "Check user and password. Special characters in a password must be encoded, such as @ as %40.",
  "28000": "Check the user. The server may also require ?sslmode=require.",
  "3D000": "Create the database, or correct its name in the URL.",
};
