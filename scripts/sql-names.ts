/** A table or view in libpg_query's syntax tree. */
export interface Relation {
  schemaname?: string;
  relname: string;
}

/** A part of a name in libpg_query's syntax tree. */
export interface Word {
  String: { sval: string };
}

/** The name with its schema, which is `public` unless the statement names one. */
export const relationName = ({ schemaname = "public", relname }: Relation) => `${schemaname}.${relname}`;

/** `groundwork.backoff_seconds` of its two words. */
export const dottedName = (words: Word[]) => words.map(({ String: { sval } }) => sval).join(".");
