/** A table or view in libpg_query's syntax tree. */
export interface Relation {
  schemaname?: string;
  relname: string;
}

/** A part of a name in libpg_query's syntax tree. */
export interface Word {
  String: { sval: string };
}

/** Returns the name with its schema, which is `public` if the statement does not name one. */
export const relationName = ({ schemaname = "public", relname }: Relation) => `${schemaname}.${relname}`;

/** Joins the two words of a name: `groundwork.backoff_seconds`. */
export const dottedName = (words: Word[]) => words.map(({ String: { sval } }) => sval).join(".");
