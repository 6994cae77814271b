/**
 * Prints the migrations that a domain needs, then the domain itself, in the order in which they are applied.
 *
 *   npm run db:needs -- tasks
 */
import { readMigrations } from "../src/local/migrations.ts";
import { closureOf, readHeader } from "./domains/header.ts";

const migrations = await readMigrations("supabase/migrations");
const [domain = ""] = process.argv.slice(2);
if (migrations.some(({ name }) => name === domain)) {
  for (const { file, sql } of closureOf(migrations, domain)) {
    console.log(`supabase/migrations/${file}\n    ${readHeader(sql)!.summary}`);
  }
} else {
  const names = migrations.map(({ name }) => name).join(", ");
  console.error(`npm run db:needs -- <domain>: there is no domain "${domain}". There are ${names}.`);
  process.exitCode = 1;
}
