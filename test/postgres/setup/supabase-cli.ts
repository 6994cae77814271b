import { execFile } from "node:child_process";
import { promisify } from "node:util";

/**
 * Runs the Supabase CLI on the database, and returns its standard output. Rejects with its whole output if it does not
 * exit with 0.
 */
export async function supabase(root: string, url: string, ...command: string[]): Promise<string> {
  const running = promisify(execFile)("supabase", [...command, `--remote=${url}`], {
    cwd: root,
    env: { ...process.env, DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1" },
  });
  return running.then(
    ({ stdout }) => stdout,
    ({ stdout, stderr }: { stdout: string; stderr: string }) => {
      throw new Error(`supabase ${command.join(" ")}\n${stdout}${stderr}`);
    },
  );
}

/** Returns the versions that `supabase migration list` finds in the files and in the database. */
export async function listMigrations(root: string, url: string): Promise<{ files: string[]; database: string[] }> {
  const { migrations } = JSON.parse(await supabase(root, url, "migration", "list", "--output-format=json")) as {
    migrations: { local: string; remote: string }[];
  };
  return {
    files: migrations.map(({ local }) => local).filter(Boolean),
    database: migrations.map(({ remote }) => remote).filter(Boolean),
  };
}
