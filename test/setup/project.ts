import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** A copy of this project in a temporary folder, which a test can start, break and change. */
export interface Project extends AsyncDisposable {
  root: string;
  /** Writes a file of the project. The path is relative to the project's root. */
  write(file: string, content: string): Promise<void>;
  read(file: string): Promise<string>;
  remove(file: string): Promise<void>;
}

export async function copyProject(): Promise<Project> {
  const root = await mkdtemp(path.join(tmpdir(), "groundwork-"));
  const inProject = (file: string) => path.join(root, file);
  await cp("supabase", inProject("supabase"), { recursive: true });
  for (const file of ["package.json", "deno.json"]) await cp(file, inProject(file));
  for (const folder of ["node_modules", "src"]) await symlink(path.resolve(folder), inProject(folder));
  // The result of initdb is copied too, so that initdb does not run for every copy.
  for (const folder of [".groundwork/empty", inProject(".groundwork")]) await mkdir(folder, { recursive: true });
  await symlink(path.resolve(".groundwork/empty"), inProject(".groundwork/empty"));
  return {
    root,
    write: async (file, content) => {
      await mkdir(path.dirname(inProject(file)), { recursive: true });
      await writeFile(inProject(file), content);
    },
    read: (file) => readFile(inProject(file), "utf8"),
    remove: (file) => rm(inProject(file), { recursive: true, force: true }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  };
}
