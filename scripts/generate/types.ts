import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Generates the types of the schema `public` with the Supabase CLI, from a running database. */
export async function generateTypes(url: string): Promise<string> {
  const { stdout } = await promisify(execFile)("supabase", ["gen", "types", `--remote=${url}`, "--schema=public"], {
    env: { ...process.env, DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1" },
  });
  return stdout;
}
