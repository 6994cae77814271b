import { readdir } from "node:fs/promises";
import type { Statements } from "#groundwork/local";
import { keepsHouseRules } from "../../scripts/domains/header.ts";
import { readUses } from "../../scripts/domains/uses.ts";
import { readMigrations } from "../../src/local/migrations.ts";
import type { Rights, TableUnderTest } from "./table-under-test.ts";

const folder = new URL("tables/", import.meta.url);

/** The files in test/security/tables, by table. */
export const tables: ReadonlyMap<string, TableUnderTest> = new Map(
  await Promise.all(
    (await readdir(folder)).map(async (file) => {
      const { default: table } = (await import(new URL(file, folder).href)) as { default: TableUnderTest };
      return [file.replace(/\.ts$/, ""), table] as const;
    }),
  ),
);

/**
 * The names of the objects that an adopter's migrations make; see `keepsHouseRules()`. The tests prove for their tables
 * too that only the owners reach their rows.
 */
export const adoptersObjects: Set<string> = new Set(
  (
    await Promise.all(
      (await readMigrations("supabase/migrations"))
        .filter(({ sql }) => !keepsHouseRules(sql))
        .map(async (migration) => (await readUses(migration)).makes),
    )
  ).flat(),
);

/**
 * Returns the file of a table. For an adopter's table without a file, returns the rights that the catalog grants.
 *
 * @throws Error for any other table without a file, because a table that is not attacked is not proved safe
 */
export async function tableUnderTest(statements: Statements, schema: string, name: string): Promise<TableUnderTest> {
  const table = tables.get(name);
  if (table) return table;
  if (adoptersObjects.has(`${schema}.${name}`)) {
    return { rights: await grantedRights(statements, `${schema}.${name}`), row: () => ({}) };
  }
  throw new Error(
    `The table ${schema}.${name} has no file in test/security/tables, so nobody attacks it. ` +
      `Write test/security/tables/${name}.ts, with what its owner may do.`,
  );
}

async function grantedRights({ query }: Statements, table: string): Promise<Rights> {
  const [granted] = await query<{ insert: string[]; update: string[]; delete: boolean }>(
    `select
      array_agg(attname::text) filter (where has_column_privilege('authenticated', $1::text, attname, 'insert')) as insert,
      array_agg(attname::text) filter (where has_column_privilege('authenticated', $1::text, attname, 'update')) as update,
      has_table_privilege('authenticated', $1::text, 'delete') as delete
    from pg_attribute
    where attrelid = $1::text::regclass and attnum > 0 and not attisdropped`,
    [table],
  );
  return {
    select: true,
    ...(granted!.insert && { insert: granted!.insert }),
    ...(granted!.update && { update: granted!.update }),
    ...(granted!.delete && { delete: true as const }),
  };
}
