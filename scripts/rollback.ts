/** Undoes the latest migrations: see `npm run db:rollback -- --help` and docs/operate/rollback.md. */
import type { LocalDatabase } from "#groundwork/local";
import { connectPostgres } from "../src/local/database/suitable-postgres.ts";
import { StartError } from "../src/local/start-error.ts";
import { type Plan, makePlan } from "./rollback/make-plan.ts";
import { type RollbackOptions, help, readOptions } from "./rollback/read-options.ts";
import { RollbackError } from "./rollback/rollback-error.ts";
import { undo } from "./rollback/undo.ts";

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (!options) return console.log(help);
  const database = await connect(options);
  try {
    await database.transaction(async (transaction) => {
      const plan = await makePlan(transaction, process.cwd(), options.goal);
      console.log(describePlan(plan, options));
      if (options.dryRun) return;
      if (options.isRemote && !options.yes) {
        throw new RollbackError(
          "needs_yes",
          "Nothing was changed: this is not the database of npm start on this machine.",
          "Back the database up first. Then run the command again with --yes.",
        );
      }
      await undo(transaction, plan);
    });
    console.log(
      options.dryRun
        ? "\nDry run: nothing was changed."
        : "\nUndone. npm start and supabase db push would apply them again.",
    );
  } finally {
    await database.close();
  }
}

async function connect({ url, isRemote }: RollbackOptions): Promise<LocalDatabase> {
  try {
    return await connectPostgres(url);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const remedy = isRemote
      ? error.remedy
      : "Start the database with npm start, or name another one with --remote <url>.";
    throw new RollbackError("cannot_connect", error.message, remedy, { cause: error });
  }
}

function describePlan({ undos, losses, changes, remaining }: Plan, { url }: RollbackOptions): string {
  const { host, pathname } = new URL(url);
  const rows: [string, string[]][] = [
    ["Database", [`${host}${pathname}`]],
    ["Undoes", undos.map(({ file }) => file)],
    ["Drops", losses.map(({ name, count, of }) => `${name}: ${count} ${of}`)],
    ["Changes", changes.map((table) => `rows of ${table}`)],
    ["Leaves", [remaining ?? "no migration"]],
  ];
  return rows
    .flatMap(([title, lines]) => lines.map((line, index) => `${(index === 0 ? title : "").padEnd(10)}${line}`))
    .join("\n");
}

try {
  await main();
} catch (error) {
  if (!(error instanceof RollbackError)) throw error;
  console.error(`\n${error.message} (${error.code})\n\n${error.remedy}`);
  process.exitCode = 1;
}
