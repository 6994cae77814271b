/** These two patterns match settings as @supabase/lite writes them, such as `set local role "authenticated"`. */
const setConfig = /^\s*select set_config\('([\w.]+)', (?:\$1|'([^']*)'), true\)\s*$/i;
const setRole = /^\s*set local role "?(\w+)"?\s*$/i;

/**
 * Delays the settings of a transaction. Before each request, @supabase/lite makes about ten settings with one statement
 * each, which takes longer than the statements of most requests. They are kept until a statement could depend on them,
 * and then made by a single statement.
 */
export class LateSettings {
  readonly #values = new Map<string, unknown>();

  /** Returns true if the statement only makes a setting. In an open transaction, the statement then need not be run. */
  keep(sql: string, parameters: readonly unknown[]): boolean {
    const [, name, literal] = setConfig.exec(sql) ?? [];
    const [, role] = setRole.exec(sql) ?? [];
    if (name !== undefined) this.#values.set(name, literal ?? parameters[0]);
    else if (role !== undefined) this.#values.set("role", role);
    else return false;
    return true;
  }

  /** Returns the statement that makes all kept settings; undefined if there are none. */
  take(): { sql: string; parameters: unknown[] } | undefined {
    if (this.#values.size === 0) return undefined;
    const names = [...this.#values.keys()];
    const parameters = [...this.#values.values()];
    this.#values.clear();
    const calls = names.map((name, index) => `pg_catalog.set_config('${name}', $${index + 1}, true)`);
    return { sql: `select ${calls.join(", ")}`, parameters };
  }

  /** Forgets the kept settings, because settings end with their transaction. */
  forget(): void {
    this.#values.clear();
  }
}
