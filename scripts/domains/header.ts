import type { Migration } from "../../src/local/migrations.ts";

/** What a migration says of itself in its first lines. */
export interface Header {
  /** `Jobs, claim`. */
  title: string;
  /** What follows the title on the first line. */
  summary: string;
  /** Names of the migrations whose objects it uses, in the order in which they apply. */
  needs: string[];
  /** Tables of other migrations that it adds columns, keys, indexes, triggers or rows to. */
  addsTo: string[];
}

/**
 * Whether a migration asks to be held to the house rules, by a line `-- Needs: …`. One without it is an adopter's, who may
 * write SQL as they like.
 */
export const keepsHouseRules = (sql: string): boolean => /^-- Needs:/m.test(sql);

/** @returns undefined when the migration does not begin with a title and `Needs:` */
export function readHeader(sql: string): Header | undefined {
  const match = /^-- (.+?): (.+)\n-- Needs: (.+)\.\n(?:-- Adds to: (.+)\.\n)?/.exec(sql);
  if (!match) return undefined;
  const [, title, summary, needs, addsTo = ""] = match;
  return { title: title!, summary: summary!, needs: listed(needs!), addsTo: listed(addsTo) };
}

const listed = (names: string) => (names === "" || names === "nothing" ? [] : names.split(", "));

/**
 * A migration with everything that it needs, and what those need in turn, in the order in which they apply.
 *
 * @throws {Error} when one of them is not there
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
