import type { Migration } from "../../src/local/migrations.ts";

/** The first lines of a migration. */
export interface Header {
  /** The title, such as `Jobs, claim`. */
  title: string;
  /** The text after the title, on the first line. */
  summary: string;
  /** The names of the migrations whose objects it uses, in the order in which they are applied. */
  needs: string[];
  /** Tables of other migrations to which it adds columns, keys, indexes, triggers or rows. */
  addsTo: string[];
}

/**
 * Returns true if a migration must follow the rules of this repository: it has a line `-- Needs: …`. A migration
 * without it belongs to an adopter, and may have any style.
 */
export const keepsHouseRules = (sql: string): boolean => /^-- Needs:/m.test(sql);

/** @returns undefined if the migration does not begin with a title and `Needs:` */
export function readHeader(sql: string): Header | undefined {
  const match = /^-- (.+?): (.+)\n-- Needs: (.+)\.\n(?:-- Adds to: (.+)\.\n)?/.exec(sql);
  if (!match) return undefined;
  const [, title, summary, needs, addsTo = ""] = match;
  return { title: title!, summary: summary!, needs: listed(needs!), addsTo: listed(addsTo) };
}

const listed = (names: string) => (names === "" || names === "nothing" ? [] : names.split(", "));

/**
 * Returns a migration and all migrations that it needs, directly or not, in the order in which they are applied.
 *
 * @throws {Error} if one of them does not exist
 */
export function closureOf(migrations: Migration[], name: string): Migration[] {
  const names = new Set<string>();
  const add = (needed: string, neededBy?: string) => {
    if (names.has(needed)) return;
    const migration = migrations.find((known) => known.name === needed);
    if (!migration) throw new Error(`There is no migration ${needed}${neededBy ? `, which ${neededBy} needs` : ""}.`);
    names.add(needed);
    for (const next of readHeader(migration.sql)?.needs ?? []) add(next, needed);
  };
  add(name);
  return migrations.filter((migration) => names.has(migration.name));
}
