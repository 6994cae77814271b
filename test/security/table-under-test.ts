/** What users may do with their own rows of one table through the API. */
export interface Rights {
  select: true;
  /** The columns that may be given. */
  insert?: readonly string[];
  /** The columns that may be changed. */
  update?: readonly string[];
  delete?: true;
}

export type Row = Record<string, unknown>;

export interface RowUser {
  userId: string;
  /** At most 16 characters that are in every text and JSON document of this user, and of no other user. */
  marker: string;
}

/**
 * What the matrix must know of a table beyond the catalog. There is one file for each table, in test/security/tables.
 */
export interface TableUnderTest {
  /**
   * The rights of the owner of rows. They are written down a second time on purpose. If they were derived from grants
   * and policies, they would change with them, and nobody would notice a lost right or an additional one.
   */
  rights: Rights;
  /**
   * The values of a typical row that its check constraints require. `row-maker.ts` adds the other columns, with the
   * owner's marker in every text and every JSON document.
   */
  row(user: RowUser): Row;
}
