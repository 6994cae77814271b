import type { PGlite } from "@electric-sql/pglite";
import { Mutex } from "async-mutex";

/** What a Postgres session remembers between two transactions of one tenant. */
interface SessionSettings {
  role: string;
  authorization: string;
  parameters: { name: string; setting: string }[];
}

/** A party that takes turns on the one session: the HTTP API, or one wire connection. */
export class Tenant {
  readonly name: string;
  settings?: SessionSettings;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * PGlite is a single Postgres session. HTTP requests and wire connections take turns on it: whoever holds the session
 * keeps it until its transaction ends, and each finds its own session settings (role, search_path, …) when its turn comes
 * again. Settings are only saved and restored when the session really changes hands, so HTTP alone pays nothing.
 *
 * Not kept apart between tenants: temporary tables, session-level advisory locks and SQL-level `PREPARE`.
 */
export class SharedSession {
  readonly pglite: PGlite;
  readonly #turn = new Mutex();
  #last: Tenant | undefined;

  constructor(pglite: PGlite) {
    this.pglite = pglite;
  }

  /** Waits (first come, first served) for the session. Call the returned function once, outside a transaction. */
  async acquire(tenant: Tenant): Promise<() => void> {
    const release = await this.#turn.acquire();
    if (this.#last === tenant) return release;
    try {
      if (this.#last) this.#last.settings = await this.#readSettings();
      await this.#applySettings(tenant.settings);
      this.#last = tenant;
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

  async #readSettings(): Promise<SessionSettings> {
    // Custom parameters are not listed in pg_settings; these are the ones people set by hand to try row-level security.
    const { rows } = await this.pglite.query<SessionSettings>(`
      select
        current_setting('role') as role,
        session_user as authorization,
        (
          select coalesce(jsonb_agg(jsonb_build_object('name', name, 'setting', setting)), '[]')
          from (
            select name, setting from pg_catalog.pg_settings where source = 'session'
            union all
            select name, current_setting(name, true)
            from unnest(array['request.jwt.claims', 'request.jwt.claim.sub', 'request.jwt.claim.role']) as name
            where current_setting(name, true) <> ''
          ) as parameter
        ) as parameters
    `);
    return rows[0]!;
  }

  async #applySettings(settings: SessionSettings | undefined): Promise<void> {
    await this.pglite.exec("reset session authorization; reset role; reset all");
    if (!settings) return;
    const { rows } = await this.pglite.query<{ session_user: string }>("select session_user");
    await this.pglite.query(
      `select set_config(p ->> 'name', p ->> 'setting', false) from jsonb_array_elements($1::jsonb) as p`,
      [JSON.stringify(settings.parameters)],
    );
    if (settings.authorization !== rows[0]!.session_user) {
      await this.pglite.query("select set_config('session_authorization', $1, false)", [settings.authorization]);
    }
    await this.pglite.query("select set_config('role', $1, false)", [settings.role]);
  }
}
