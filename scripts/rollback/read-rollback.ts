import { loadModule, parseSync } from "libpg-query";

/** A statement of a rollback, and what it removes or changes. */
export interface RollbackStatement {
  sql: string;
  /** The line at which it begins in the file, after the comments before it. */
  line: number;
  /** The tables that it drops, as `schema.table`. */
  tables: string[];
  columns: { table: string; column: string }[];
  /** The table whose rows it changes. */
  changes: string | undefined;
}

interface RangeVar {
  schemaname?: string;
  relname: string;
}

/** The parts of the syntax tree that this file reads. */
interface Tree {
  DropStmt?: { removeType: string; objects: { List?: { items: { String: { sval: string } }[] } }[] };
  AlterTableStmt?: { relation: RangeVar; cmds: { AlterTableCmd: { subtype: string; name?: string } }[] };
  UpdateStmt?: { relation: RangeVar };
  DeleteStmt?: { relation: RangeVar };
  InsertStmt?: { relation: RangeVar };
}

/** Reads the statements of a rollback file. Throws the parser's error, with its position. */
export async function readRollback(source: string): Promise<RollbackStatement[]> {
  await loadModule();
  const bytes = Buffer.from(source);
  const { stmts = [] } = parseSync(source) as {
    stmts?: { stmt: Tree; stmt_location?: number; stmt_len?: number }[];
  };
  return stmts.map(({ stmt, stmt_location: start = 0, stmt_len: length }) => {
    const text = bytes.subarray(start, length === undefined ? undefined : start + length).toString();
    const sql = text.replace(/^(\s|--.*|\/\*[^]*?\*\/)+/, "");
    const before = bytes.subarray(0, start).toString() + text.slice(0, text.length - sql.length);
    const line = before.split("\n").length;
    return { sql, line, tables: tablesOf(stmt), columns: columnsOf(stmt), changes: changesOf(stmt) };
  });
}

function tablesOf({ DropStmt }: Tree): string[] {
  if (DropStmt?.removeType !== "OBJECT_TABLE") return [];
  return DropStmt.objects.map(({ List }) => List!.items.map(({ String: { sval } }) => sval).join("."));
}

function columnsOf({ AlterTableStmt }: Tree): RollbackStatement["columns"] {
  return (AlterTableStmt?.cmds ?? [])
    .filter(({ AlterTableCmd }) => AlterTableCmd.subtype === "AT_DropColumn")
    .map(({ AlterTableCmd }) => ({ table: nameOf(AlterTableStmt!.relation), column: AlterTableCmd.name! }));
}

function changesOf({ UpdateStmt, DeleteStmt, InsertStmt }: Tree): string | undefined {
  const changed = (UpdateStmt ?? DeleteStmt ?? InsertStmt)?.relation;
  return changed && nameOf(changed);
}

const nameOf = ({ schemaname, relname }: RangeVar) => (schemaname ? `${schemaname}.${relname}` : relname);
