import type { Statements } from "#groundwork/local";
import { adoptersObjects } from "../tables.ts";

/** A rule that every object of our schemas must follow. */
export interface Rule {
  /** A sentence that is true of a correct database. */
  name: string;
  /** Returns the objects that break the rule, with names by which they can be found, in order. */
  find(statements: Statements): Promise<string[]>;
  /** A statement that makes an object named `planted` that breaks the rule. */
  plant: string;
}

/** Makes a rule whose offenders are the only column of a query. */
export function sqlRule(name: string, { plant, offenders }: { plant: string; offenders: string }): Rule {
  return { name, plant, find: (statements) => names(statements, offenders) };
}

/** Marks a rule of style, which objects of an adopter's own migrations need not follow. */
export function houseRule(rule: Rule): Rule {
  const find = async (statements: Statements) =>
    (await rule.find(statements)).filter((offender) => !isAdopters(offender));
  return { ...rule, find };
}

/** Returns true if an offender is made by an adopter's migration, or is a part of such an object. */
function isAdopters(offender: string): boolean {
  // Postgres prints functions in the schema public without their schema.
  return [...adoptersObjects].some((name) =>
    new RegExp(`\\b${name}\\b|\\b${name.replace("public.", "")}\\(`).test(offender),
  );
}

export async function names(statements: Statements, sql: string): Promise<string[]> {
  const rows = await statements.query<Record<string, string>>(sql);
  return rows.map((row) => Object.values(row)[0]!).toSorted();
}

/** Our tables, views and other entries of `pg_class`, as `ours`. */
export const ours = `
  select pg_class.*, nspname, format('%s.%s', nspname, relname) as name
  from pg_catalog.pg_class
  join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
  where nspname in ('public', 'groundwork')
    and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e')
`;

/** The functions and procedures of our schemas. */
export const ourFunctions = `
  select pg_proc.*, nspname, pg_proc.oid::regprocedure::text as name
  from pg_catalog.pg_proc
  join pg_catalog.pg_namespace on pg_namespace.oid = pronamespace
  where nspname in ('public', 'groundwork')
    and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e')
`;

/** The policies on our tables, with their clauses as text. */
export const ourPolicies = `
  select
    pg_policy.*,
    format('"%s" on %s', polname, ours.name) as name,
    pg_get_expr(polqual, polrelid) as using_clause,
    pg_get_expr(polwithcheck, polrelid) as check_clause
  from pg_catalog.pg_policy
  join (${ours}) as ours on ours.oid = polrelid
`;
