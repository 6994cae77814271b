import { parseSync } from "libpg-query";
import { readHeader } from "../domains/header.ts";
import { createdFunctions } from "../domains/uses.ts";
import { type Relation, type Word, qualifiedName, relationName } from "../sql-names.ts";

/** The most lines of a migration. In a longer one, a single rule is hard to find. */
const maxLines = 650;

interface Named {
  List?: { items: Partial<Word>[] };
  ObjectWithArgs?: { objname: Word[] };
  RangeVar?: Relation;
}

/** The parts of libpg_query's syntax tree that this file reads. */
interface Statement {
  CreateStmt?: { relation: Relation };
  ViewStmt?: { view: Relation };
  CreateFunctionStmt?: { funcname: Word[]; replace?: boolean };
  DropStmt?: object;
  IndexStmt?: { relation: Relation; idxname: string };
  CreatePolicyStmt?: { table: Relation; policy_name: string };
  GrantStmt?: { is_grant?: boolean; targtype: string; objtype: string; objects: Named[] };
  CommentStmt?: { objtype: string; object: Named };
}

/** Returns the faults in the order of a migration, in words. The parser must be loaded before. */
export function faultsOfMigration(sql: string): string[] {
  const faults: string[] = [];
  if (!readHeader(sql)) faults.push("does not begin with `-- Title: what it makes.` and `-- Needs: …`");
  const lines = sql.split("\n").length;
  if (lines > maxLines) faults.push(`has ${lines} lines, more than ${maxLines}: split it into several migrations`);

  const { stmts = [] } = parseSync(sql) as { stmts?: { stmt: Statement }[] };
  const tables = new Set<string>();
  // The functions that create_round_robin() and create_nearest() make, and those of `create function` statements.
  const functions = new Set(createdFunctions(sql));
  let latest: string | undefined;
  for (const { stmt } of stmts) {
    const { CreateStmt, ViewStmt, CreateFunctionStmt, DropStmt, GrantStmt } = stmt;
    const relation = CreateStmt?.relation ?? ViewStmt?.view;
    if (DropStmt) faults.push("drops something: a migration must not undo another one");
    if (relation) {
      latest = relationName(relation);
      tables.add(latest);
    }
    if (CreateFunctionStmt) {
      const name = qualifiedName(CreateFunctionStmt.funcname);
      functions.add(name);
      if (CreateFunctionStmt.replace) faults.push(`replaces ${name}: a migration must not undo another one`);
    }
    if (GrantStmt && !GrantStmt.is_grant) faults.push(...foreignRevokes(GrantStmt, tables, functions));
    for (const [table, what] of partsOfTables(stmt)) {
      if (table !== latest && tables.has(table)) faults.push(`${what} is not next to its table ${table}`);
    }
  }
  return faults;
}

/** Returns the rights that a migration revokes on objects that it did not make. */
function foreignRevokes({ targtype, objtype, objects }: Required<Statement>["GrantStmt"], ...made: Set<string>[]) {
  if (targtype !== "ACL_TARGET_OBJECT" || !["OBJECT_TABLE", "OBJECT_FUNCTION"].includes(objtype)) return [];
  const names = objects.map(({ RangeVar, ObjectWithArgs }) =>
    RangeVar ? relationName(RangeVar) : qualifiedName(ObjectWithArgs!.objname),
  );
  return names.filter((name) => !made.some((known) => known.has(name))).map((name) => `revokes rights on ${name}`);
}

/** Returns indexes, policies, grants and comments, each with its table. */
function partsOfTables({ IndexStmt, CreatePolicyStmt, GrantStmt, CommentStmt }: Statement): [string, string][] {
  if (IndexStmt) return [[relationName(IndexStmt.relation), `index ${IndexStmt.idxname}`]];
  if (CreatePolicyStmt) return [[relationName(CreatePolicyStmt.table), `policy "${CreatePolicyStmt.policy_name}"`]];
  if (GrantStmt?.objtype === "OBJECT_TABLE") {
    return GrantStmt.objects.flatMap(({ RangeVar }) => (RangeVar ? [[relationName(RangeVar), "a grant"]] : []));
  }
  if (CommentStmt?.objtype === "OBJECT_TABLE" || CommentStmt?.objtype === "OBJECT_COLUMN") {
    const words = CommentStmt.object.List!.items.map(({ String: word }) => word!.sval);
    return [[words.slice(0, 2).join("."), "a comment"]];
  }
  return [];
}
