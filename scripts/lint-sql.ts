/** Checks what a reader of the SQL relies on: it parses, and is typeset and ordered as CONTRIBUTING.md says. */
import { globSync, readFileSync } from "node:fs";
import { splitStatements } from "../src/local/migrations.ts";

/** The sections of a migration, in their order. */
const sections = [
  "Extensions",
  "Schema",
  "Types",
  "Tables",
  "Indexes",
  "Functions",
  "Triggers",
  "Row-level security",
  "Grants",
  "Data",
  "Comments",
];

const faults: string[] = [];
const files = globSync(["supabase/**/*.{sql,psql}", "src/**/*.sql"]);
for (const file of files) {
  const sql = readFileSync(file, "utf8");
  // psql's own commands are not SQL.
  await splitStatements(sql.replace(/^\\.*$/gm, "")).catch((error: Error) => faults.push(`${file}: ${error.message}`));
  checkLines(file, sql);
  if (file.startsWith("supabase/migrations/")) checkOrder(file, sql);
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

function checkOrder(file: string, sql: string): void {
  if (!/^-- .+\n-- Needs: .+\n/.test(sql)) faults.push(`${file}: begins with what it makes and what it needs`);
  const found = [...sql.matchAll(/^-- (.+?) -+$/gm)].map(([, title]) => title!);
  const expected = sections.filter((section) => found.includes(section));
  if (found.join() !== expected.join()) faults.push(`${file}: its sections are ${found.join(", ")}`);
}
