import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { LocalDatabase } from "#groundwork/local";

/**
 * Returns the whole schema as `pg_dump` writes it: every object, owner, grant and comment, without the migration
 * history.
 */
export async function dumpSchema(url: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(
    "pg_dump",
    ["--schema-only", "--exclude-schema=supabase_migrations", `--dbname=${url}`],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  // The key in this line differs in every dump.
  return stdout.split("\n").filter((line) => !/^\\(un)?restrict /.test(line));
}

/** Returns the rows of every table of `public`, `groundwork` and `auth`, by table, as JSON. */
export async function dumpRows({ query }: LocalDatabase): Promise<Record<string, string[]>> {
  const tables = await query<{ name: string }>(`
    select format('%I.%I', schemaname, tablename) as name
    from pg_tables
    where schemaname in ('public', 'groundwork', 'auth')
    order by 1
  `);
  const rows: Record<string, string[]> = {};
  for (const { name } of tables) {
    const found = await query<{ row: string }>(`select to_jsonb(t)::text as row from ${name} as t order by 1`);
    rows[name] = found.map(({ row }) => row);
  }
  return rows;
}
