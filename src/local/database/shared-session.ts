import type { PGlite } from "@electric-sql/pglite";
import { Mutex } from "async-mutex";

/** What a Postgres session remembers between two transactions of one tenant. */
export interface SessionSettings {
  role: string;
  /** Undefined for the user PGlite was started with. */
  authorization?: string;
  parameters: { name: string; setting: string }[];
}

/** A party that takes turns on the one session: the HTTP API, or one wire connection. */
export class Tenant {
  readonly name: string;
  /** Undefined means Postgres' defaults. */
  settings: SessionSettings | undefined;
  /**
   * Names of the custom parameters (`request.jwt.claims`, `app.tenant`) to keep for this tenant. Postgres lists its own
   * parameters but not these, so they must be known by name; others are reset when the session changes hands.
   */
  readonly customParameters = new Set(["request.jwt.claims", "request.jwt.claim.sub", "request.jwt.claim.role"]);

  constructor(name: string, settings?: SessionSettings) {
    this.name = name;
    this.settings = settings;
  }
}

/** What a session of a Supabase project begins with. PGlite's own begins with `search_path = public`. */
export function supabaseSettings(): SessionSettings {
  return { role: "none", parameters: [{ name: "search_path", setting: '"$user", public, extensions' }] };
}

/**
 * PGlite is a single Postgres session. HTTP requests and wire connections take turns on it: whoever holds the session
 * keeps it until its transaction ends, and each finds its own session settings (role, search_path, …) when its turn comes
 * again. Settings are only saved and restored when the session really changes hands, so HTTP alone pays nothing.
 *
 * Not kept apart between tenants: temporary tables, cursors `with hold`, session-level advisory locks, `listen`,
 * SQL-level `prepare`, and what `discard all` or `deallocate all` throws away.
 */
export class SharedSession {
  readonly pglite: PGlite;
  readonly #turn = new Mutex();
  #last: Tenant | undefined;

  constructor(pglite: PGlite) {
    this.pglite = pglite;
  }

  /**
   * Waits (first come, first served) for the session. Call the returned function once, outside a transaction: one left
   * open is rolled back, so that it can never be committed by the next tenant.
   *
   * @param tenant whose settings the session is to have. Without one they are left as they happen to be, which is for
   *   housekeeping that no setting changes.
   * @throws if the tenant's settings cannot be restored (its role was dropped meanwhile, …); others are not affected.
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
      throw new Error("The embedded database no longer answers (a crash inside PGlite): restart the local stack.");
    }
  }

  async #changeHands(tenant: Tenant): Promise<void> {
    const last = this.#last;
    // Until the new settings are in place the session is nobody's: after a failure here the next tenant starts afresh.
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
      // While the session is still the superuser's: some of them only a superuser may set.
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
    // Last, because a change of the session's user resets the role.
    if (settings.role !== "none") {
      await this.pglite.query("select pg_catalog.set_config('role', $1, false)", [settings.role]);
    }
  }
}
