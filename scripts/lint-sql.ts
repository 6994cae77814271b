/** Checks that all SQL files parse, and that they are formatted and ordered as CONTRIBUTING.md says. */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { splitStatements } from "../src/local/migrations.ts";
import { keepsHouseRules } from "./domains/header.ts";
import { faultsOfMigration } from "./lint-sql/migration.ts";

const faults: string[] = [];
const files = globSync(["supabase/**/*.{sql,psql}", "src/**/*.sql"]);
for (const file of files) {
  const sql = readFileSync(file, "utf8");
  // Lines with psql's own commands are not SQL.
  const parses = await splitStatements(sql.replace(/^\\.*$/gm, "")).then(
    () => true,
    (error: Error) => void faults.push(`${file}: ${error.message}`),
  );
  const isMigration = path.dirname(file) === "supabase/migrations";
  if (isMigration && !keepsHouseRules(sql)) continue;
  checkLines(file, sql);
  if (parses && isMigration) {
    faults.push(...faultsOfMigration(sql).map((fault) => `${file}: ${fault}`));
  }
}
for (const fault of faults) console.error(fault);
console.log(`${files.length} SQL files, ${faults.length} faults.`);
process.exitCode = faults.length > 0 ? 1 : 0;

function checkLines(file: string, sql: string): void {
  const withoutText = sql.replace(/--.*|'(?:[^']|'')*'/g, (found) => found.replace(/[^\n]/g, ""));
  const code = withoutText.split("\n");
  for (const [index, line] of sql.split("\n").entries()) {
    const rules: [boolean, string][] = [
      [line.length > 120, "is longer than 120 characters"],
      [/\s$/.test(line), "ends with white space"],
      [line.includes("\t"), "has a tab"],
      [line.search(/\S/) % 4 > 0, "is not indented by a multiple of four"],
      [/\b[A-Z]{3,}\b/.test(code[index]!), "has a keyword in upper case"],
    ];
    for (const [isBroken, what] of rules) if (isBroken) faults.push(`${file}:${index + 1} ${what}`);
  }
}
