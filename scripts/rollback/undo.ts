import type { Statements } from "#groundwork/local";
import { describeFault } from "../../src/local/migrations.ts";
import type { Plan } from "./make-plan.ts";
import { RollbackError } from "./rollback-error.ts";

/**
 * Runs the rollbacks and removes their migrations from the history. Call it in a transaction, so that all or nothing
 * happens.
 *
 * @throws RollbackError when a statement fails, or when more would be lost than the plan says
 */
export async function undo(transaction: Statements, plan: Plan): Promise<void> {
  // With this limit it fails instead of waiting for a long transaction, because all requests of the API would wait
  // behind it.
  await transaction.run("set local lock_timeout = '10s'");
  const before = await readColumns(transaction);
  for (const { version, file, statements } of plan.undos) {
    for (const { sql, line } of statements) {
      await transaction.run(sql).catch((error: Error) => {
        throw new RollbackError(
          "rollback_failed",
          describeFault(error, file, sql, line),
          "Nothing was changed. Remove the obstacle or correct the file, and run it again.",
          { cause: error },
        );
      });
    }
    await transaction.query("delete from supabase_migrations.schema_migrations where version = $1", [version]);
  }
  refuseMoreLosses(plan, before, await readColumns(transaction));
}

function refuseMoreLosses({ losses }: Plan, before: string[], after: string[]): void {
  const left = new Set(after);
  const announced = losses.map(({ name }) => name);
  const isAnnounced = (column: string) => announced.some((name) => column === name || column.startsWith(`${name}.`));
  const unannounced = before.filter((column) => !left.has(column) && !isAnnounced(column));
  if (unannounced.length === 0) return;
  throw new RollbackError(
    "unannounced_loss",
    `More would be lost than was shown: ${unannounced.join(", ")}.`,
    "Nothing was changed. Name every table and column in a drop of its own, without cascade.",
  );
}

/** Returns every column of every table, as `schema.table.column`. */
async function readColumns(database: Statements): Promise<string[]> {
  const rows = await database.query<{ name: string }>(`
    select nspname || '.' || relname || '.' || attname as name
    from pg_catalog.pg_attribute
    join pg_catalog.pg_class on pg_class.oid = attrelid
    join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('r', 'p', 'm')
      and attnum > 0
      and not attisdropped
      and nspname !~ '^pg_'
      and nspname <> 'information_schema'
    order by 1
  `);
  return rows.map(({ name }) => name);
}
