import { parseArgs } from "node:util";
import { RollbackError } from "./rollback-error.ts";

export const help = `Undoes the latest migrations with their files in supabase/rollbacks, all in one transaction.

  npm run db:rollback -- --last <n>         undo the last n migrations
  npm run db:rollback -- --to <version>     undo every migration after this one; --to 0 undoes all

  --remote <url>   the database (default: the one of npm start on this machine)
  --yes            confirm; needed for every database except the default one
  --dry-run        only show what would be undone and lost
  --help           show this`;

/** The Postgres port of `npm start` and of `supabase start`. */
export const localUrl = "postgresql://postgres:postgres@127.0.0.1:54322/postgres?sslmode=disable";

/** How far to undo: up to a version that stays (`"0"` undoes all), or a number of migrations. */
export type Goal = { to: string } | { last: number };

export interface RollbackOptions {
  goal: Goal;
  url: string;
  isRemote: boolean;
  yes: boolean;
  dryRun: boolean;
}

/** @returns undefined for --help */
export function readOptions(args: string[]): RollbackOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  return {
    goal: readGoal(values.to, values.last),
    url: values.remote ?? localUrl,
    isRemote: values.remote !== undefined,
    yes: values.yes,
    dryRun: values["dry-run"],
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: false,
      options: {
        to: { type: "string" },
        last: { type: "string" },
        remote: { type: "string" },
        yes: { type: "boolean", default: false },
        "dry-run": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    throw new RollbackError("bad_options", (error as Error).message, help, { cause: error });
  }
}

function readGoal(to: string | undefined, last: string | undefined): Goal {
  if ((to === undefined) === (last === undefined)) {
    throw new RollbackError("bad_options", "Set how far to go back: either --to <version> or --last <n>.", help);
  }
  if (to !== undefined) {
    if (/^(\d{14}|0)$/.test(to)) return { to };
    throw new RollbackError(
      "bad_options",
      `--to ${to}: a version must be the 14 digits of a migration, or 0 for all.`,
      help,
    );
  }
  if (/^[1-9]\d{0,5}$/.test(last!)) return { last: Number(last) };
  throw new RollbackError(
    "bad_options",
    `--last ${last}: the number of migrations must be a whole number of at least 1.`,
    help,
  );
}
