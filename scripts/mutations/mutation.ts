import type { Statements } from "#groundwork/local";

/** One possible mistake in the schema. */
export interface Mutation {
  kind: string;
  /** A description for the list of survivors. */
  name: string;
  /** The exposed table or view that it weakens, which the matrix then attacks; null if the API cannot reach it. */
  relation: string | null;
  apply: string;
  /** The statements that undo it exactly. */
  revert: string;
}

/** Returns the mutations of one kind. The query gives their `name`, `relation`, `apply` and `revert`. */
export async function findMutations({ query }: Statements, kind: string, sql: string): Promise<Mutation[]> {
  return query<Mutation>(`select $1 as kind, found.* from (${sql}) as found`, [kind]);
}
