import { loadModule, parseSync } from "libpg-query";
import type { Migration } from "../../src/local/migrations.ts";
import { type Relation, type Word, qualifiedName, relationName } from "../sql-names.ts";

/** What a migration makes, uses and changes, as far as its text shows. */
export interface Uses {
  /**
   * Tables, views, types and functions, with their schema; error codes; the schema `groundwork`; `extensions` for
   * pgvector.
   */
  makes: string[];
  /** The same kinds of objects that other migrations make, if the text names them. */
  names: Set<string>;
  /** Tables of other migrations, without their schema, to which it adds columns, keys, indexes, triggers or rows. */
  addsTo: string[];
}

/** The parts of libpg_query's syntax tree that this file reads. */
interface Statement {
  CreateSchemaStmt?: { schemaname: string };
  CreateStmt?: { relation: Relation };
  ViewStmt?: { view: Relation };
  CreateEnumStmt?: { typeName: Word[] };
  CompositeTypeStmt?: { typevar: Relation };
  CreateFunctionStmt?: { funcname: Word[] };
  AlterTableStmt?: { relation: Relation };
  IndexStmt?: { relation: Relation };
  CreateTrigStmt?: { relation: Relation };
  InsertStmt?: { relation: Relation };
}

/** Tables to which many migrations add rows, so headers do not name them. */
const lists = new Set(["groundwork.error_codes", "groundwork.embedding_queue"]);

export async function readUses({ sql }: Migration): Promise<Uses> {
  await loadModule();
  const { stmts = [] } = parseSync(sql) as { stmts?: { stmt: Statement }[] };
  const statements = stmts.map(({ stmt }) => stmt);
  const makes = [
    ...statements.flatMap(madeBy),
    ...createdFunctions(sql),
    ...[...sql.matchAll(/\(\s*'(GW\d{3})',\s*\d{3},/g)].map(([, code]) => code!),
    ...(/^create extension .*vector/m.test(sql) ? ["extensions"] : []),
  ];
  const code = sql.replaceAll(/^\s*--.*$/gm, "");
  const names = new Set<string>([
    ...[...code.matchAll(/\b(?:public|groundwork)\.\w+/g)].map(([name]) => name),
    ...[...code.matchAll(/raise_error\(\s*'(GW\d{3})'/g)].map(([, name]) => name!),
    ...(/\bextensions\./.test(code) ? ["extensions"] : []),
    ...(/\bgroundwork\./.test(code) ? ["groundwork"] : []),
  ]);
  for (const made of makes) names.delete(made);
  const changed = statements.flatMap(({ AlterTableStmt, IndexStmt, CreateTrigStmt, InsertStmt }) => {
    const relation = (AlterTableStmt ?? IndexStmt ?? CreateTrigStmt ?? InsertStmt)?.relation;
    return relation ? [relationName(relation)] : [];
  });
  const addsTo = [...new Set(changed)].filter((name) => !makes.includes(name) && !lists.has(name));
  return { makes, names, addsTo: addsTo.map((name) => name.replace(/^(?:public|groundwork)\./, "")) };
}

/**
 * Returns the functions that a migration makes by calling groundwork.create_round_robin() and
 * groundwork.create_nearest().
 */
export function createdFunctions(sql: string): string[] {
  return [...sql.matchAll(/create_(?:round_robin|nearest)\(\s*'(\w+)'/g)].map(([, name]) => `groundwork.${name}`);
}

function madeBy(statement: Statement): string[] {
  const { CreateSchemaStmt, CreateStmt, ViewStmt, CreateEnumStmt, CompositeTypeStmt, CreateFunctionStmt } = statement;
  if (CreateSchemaStmt) return [CreateSchemaStmt.schemaname];
  const relation = CreateStmt?.relation ?? ViewStmt?.view ?? CompositeTypeStmt?.typevar;
  if (relation) return [relationName(relation)];
  const words = CreateEnumStmt?.typeName ?? CreateFunctionStmt?.funcname;
  return words ? [qualifiedName(words)] : [];
}
