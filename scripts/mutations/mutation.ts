import type { Statements } from "#groundwork/local";

/** One thing that somebody could get wrong in the schema. */
export interface Mutation {
  kind: string;
  /** What it does, for the list of survivors. */
  name: string;
  /** The exposed table or view that it weakens, for the matrix to attack; null when the API can't reach it. */
  relation: string | null;
  apply: string;
  /** Its exact inverse. */
  revert: string;
}

/** The mutations of one kind that a query finds: it gives `name`, `relation`, `apply` and `revert`. */
export async function findMutations({ query }: Statements, kind: string, sql: string): Promise<Mutation[]> {
  return query<Mutation>(`select $1 as kind, found.* from (${sql}) as found`, [kind]);
}
