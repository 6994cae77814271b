/** What users may do with their own rows of one table, through the API. */
export interface Rights {
  select: true;
  /** The columns that they may give. */
  insert?: readonly string[];
  /** The columns that they may change. */
  update?: readonly string[];
  delete?: true;
}

export type Row = Record<string, unknown>;

export interface RowUser {
  userId: string;
  /** At most 16 characters that are in every text and JSON document of theirs and of nobody else. */
  marker: string;
}

/** What the matrix has to know of a table beyond what the catalog tells: a file a table, in test/security/tables. */
export interface TableUnderTest {
  /**
   * What the owner of rows may do. It is written down a second time on purpose. Derived from the grants and policies it would
   * change with them, and a right that got lost, or one too many, would go unnoticed.
   */
  rights: Rights;
  /**
   * The values of a representative row that its check constraints need. Everything else is filled in by `row-maker.ts`, with
   * the owner's marker in every text and every JSON document.
   */
  row(user: RowUser): Row;
}
