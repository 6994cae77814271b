import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `npm run db:rollback -- <options>` in the given project. */
export async function runRollback(root: string, ...options: string[]): Promise<CommandResult> {
  const command = ["--liftoff-only", path.resolve("scripts/rollback.ts"), ...options];
  return promisify(execFile)(process.execPath, command, { cwd: root }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: CommandResult) => error,
  );
}
