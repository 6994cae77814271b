import { loadModule, parseSync } from "libpg-query";
import type { Migration } from "../../src/local/migrations.ts";
import { type Relation, type Word, qualifiedName, relationName } from "../sql-names.ts";

/** A migration, with the objects that it made. */
export interface Domain {
  file?: string;
  /** The title in the first line of the migration, such as `Care loop`. */
  title: string;
  /** The text after the title, on the same line. */
  summary: string;
  /** Names with their schema, in the order in which the migration makes them. */
  tables: string[];
  enums: string[];
  functions: string[];
}

/** The parts of libpg_query's syntax tree that this file reads. */
interface Statement {
  CreateStmt?: { relation: Relation };
  CreateEnumStmt?: { typeName: Word[] };
  CreateFunctionStmt?: { funcname: Word[] };
}

export async function readDomains(migrations: Migration[]): Promise<Domain[]> {
  await loadModule();
  const known = new Set<string>();
  return migrations.map(({ file, sql }) => {
    const { stmts = [] } = parseSync(sql) as { stmts?: { stmt: Statement }[] };
    const made = (nameOf: (statement: Statement) => string | undefined) =>
      stmts
        .map(({ stmt }) => nameOf(stmt))
        .filter((name) => name !== undefined && !known.has(name))
        .map((name) => {
          known.add(name!);
          return name!;
        });
    const [, title = file, summary = ""] = /^-- (.+?): (.+)\n/.exec(sql) ?? [];
    return {
      file,
      title,
      summary,
      tables: made(({ CreateStmt: { relation } = {} }) => relation && relationName(relation)),
      enums: made(({ CreateEnumStmt: { typeName } = {} }) => typeName && qualifiedName(typeName)),
      functions: made(({ CreateFunctionStmt: { funcname } = {} }) => funcname && qualifiedName(funcname)),
    };
  });
}
