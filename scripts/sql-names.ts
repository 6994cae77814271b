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

/** Returns the name of a function or type with its schema, which is `public` if the statement does not name one. */
export function qualifiedName(words: Word[]): string {
  const names = words.map(({ String: { sval } }) => sval);
  return names.length === 1 ? `public.${names[0]}` : names.join(".");
}
