/** `select set_config('request.jwt.claims', $1, true)` and `set local role "authenticated"`, as @supabase/lite writes them. */
const setConfig = /^\s*select set_config\('([\w.]+)', (?:\$1|'([^']*)'), true\)\s*$/i;
const setRole = /^\s*set local role "?(\w+)"?\s*$/i;

/**
 * Before each request @supabase/lite sets some ten settings of the transaction, a statement each, which takes longer than
 * most requests' own statements. They are kept until something runs that could depend on them, and then set by one.
 */
export class LateSettings {
  readonly #values = new Map<string, unknown>();

  /** Whether the statement does nothing but set one: then it need not be run, if a transaction is open. */
  keep(sql: string, parameters: readonly unknown[]): boolean {
    const [, name, literal] = setConfig.exec(sql) ?? [];
    const [, role] = setRole.exec(sql) ?? [];
    if (name !== undefined) this.#values.set(name, literal ?? parameters[0]);
    else if (role !== undefined) this.#values.set("role", role);
    else return false;
    return true;
  }

  /** The statement that sets what was kept since; undefined if nothing was. */
  take(): { sql: string; parameters: unknown[] } | undefined {
    if (this.#values.size === 0) return undefined;
    const names = [...this.#values.keys()];
    const parameters = [...this.#values.values()];
    this.#values.clear();
    const calls = names.map((name, index) => `pg_catalog.set_config('${name}', $${index + 1}, true)`);
    return { sql: `select ${calls.join(", ")}`, parameters };
  }

  /** They end with their transaction. */
  forget(): void {
    this.#values.clear();
  }
}
