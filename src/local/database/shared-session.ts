import type { PGlite } from "@electric-sql/pglite";
import { Mutex } from "async-mutex";

/** The state of a Postgres session that is kept for one tenant between two of its transactions. */
export interface SessionSettings {
  role: string;
  /** Undefined for the user with which PGlite was started. */
  authorization?: string;
  parameters: { name: string; setting: string }[];
}

/** A user of the one session: the HTTP API, or one wire connection. Tenants take turns. */
export class Tenant {
  readonly name: string;
  /** Undefined stands for Postgres' defaults. */
  settings: SessionSettings | undefined;
  /**
   * The names of the custom parameters (such as `request.jwt.claims`) that are kept for this tenant. Postgres does not
   * list custom parameters, so their names must be known. Other custom parameters are reset when the tenant changes.
   */
  readonly customParameters = new Set(["request.jwt.claims", "request.jwt.claim.sub", "request.jwt.claim.role"]);

  constructor(name: string, settings?: SessionSettings) {
    this.name = name;
    this.settings = settings;
  }
}

/**
 * The settings with which a session of a Supabase project begins. A session of PGlite begins with another search path:
 * `search_path = public`.
 */
export function supabaseSettings(): SessionSettings {
  return { role: "none", parameters: [{ name: "search_path", setting: '"$user", public, extensions' }] };
}

/**
 * PGlite is a single Postgres session. HTTP requests and wire connections take turns on it. A tenant holds the session
 * until its transaction ends, and finds its own session settings (role, search_path, …) at its next turn. Settings are
 * saved and restored only when the tenant changes, so HTTP alone has no extra cost.
 *
 * Tenants share temporary tables, cursors `with hold`, session-level advisory locks, `listen` and SQL-level `prepare`.
 * `discard all` and `deallocate all` take effect for all of them.
 */
export class SharedSession {
  readonly pglite: PGlite;
  readonly #turn = new Mutex();
  #last: Tenant | undefined;

  constructor(pglite: PGlite) {
    this.pglite = pglite;
  }

  /**
   * Waits for the session, first come, first served. Call the returned function once, outside a transaction. A
   * transaction that is still open is rolled back, so that the next tenant can never commit it.
   *
   * @param tenant the tenant whose settings the session gets. If absent, the settings stay as they are; this is for
   *   housekeeping that does not depend on settings.
   * @throws if the tenant's settings cannot be restored, for example because its role was dropped. Other tenants are
   *   not affected.
   */
  async acquire(tenant?: Tenant): Promise<() => void> {
    const release = await this.#turn.acquire();
    try {
      if (this.pglite.isInTransaction()) await this.#rollback();
      if (tenant && tenant !== this.#last) await this.#changeHands(tenant);
      return release;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Runs `work` while `tenant` holds the session. */
  async use<T>(tenant: Tenant, work: (pglite: PGlite) => Promise<T>): Promise<T> {
    const release = await this.acquire(tenant);
    try {
      return await work(this.pglite);
    } finally {
      release();
    }
  }

  async #rollback(): Promise<void> {
    await this.pglite.exec("rollback");
    if (this.pglite.isInTransaction()) {
      throw new Error(
        "The embedded database no longer answers because PGlite has crashed. Restart the embedded stack.",
      );
    }
  }

  async #changeHands(tenant: Tenant): Promise<void> {
    const last = this.#last;
    // No tenant has the session until its settings are complete. After a failure here, the next tenant starts from the
    // defaults.
    this.#last = undefined;
    if (last) last.settings = await this.#readSettings(last.customParameters);
    await this.#applySettings(tenant.settings);
    this.#last = tenant;
  }

  async #readSettings(customParameters: Set<string>): Promise<SessionSettings> {
    const { rows } = await this.pglite.query<SessionSettings>(
      `
      select
        pg_catalog.current_setting('role') as role,
        session_user as authorization,
        (
          select coalesce(pg_catalog.jsonb_agg(parameter), '[]')
          from (
            select name, setting
            from pg_catalog.pg_settings
            where source = 'session' and context in ('user', 'superuser')
            union all
            select name, pg_catalog.current_setting(name, true)
            from pg_catalog.jsonb_array_elements_text($1::pg_catalog.jsonb) as name
            where pg_catalog.current_setting(name, true) <> ''
          ) as parameter
        ) as parameters
      `,
      [JSON.stringify([...customParameters])],
    );
    return rows[0]!;
  }

  async #applySettings(settings: SessionSettings | undefined): Promise<void> {
    await this.pglite.exec("reset session authorization; reset role; reset all");
    if (!settings) return;
    if (settings.parameters.length > 0) {
      // This comes while the session still belongs to the superuser, because some parameters can be set only by a
      // superuser.
      await this.pglite.query(
        `select set_config(p ->> 'name', p ->> 'setting', false) from jsonb_array_elements($1::jsonb) as p`,
        [JSON.stringify(settings.parameters)],
      );
    }
    const { rows } = await this.pglite.query<{ session_user: string }>("select session_user");
    if (settings.authorization && settings.authorization !== rows[0]!.session_user) {
      await this.pglite.query("select pg_catalog.set_config('session_authorization', $1, false)", [
        settings.authorization,
      ]);
    }
    // The role comes last, because changing the session's user resets it.
    if (settings.role !== "none") {
      await this.pglite.query("select pg_catalog.set_config('role', $1, false)", [settings.role]);
    }
  }
}
