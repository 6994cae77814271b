/** `npm run db:rollback`, and what the Supabase CLI reports afterwards. */
import { startLocal } from "#groundwork/local";
import { afterAll, describe, expect, test } from "vitest";
import { localUrl, readOptions } from "../../scripts/rollback/read-options.ts";
import { readMigrations } from "../../src/local/migrations.ts";
import { copyProject } from "../setup/project.ts";
import { createProject } from "./setup/create-project.ts";
import { dumpRows, dumpSchema } from "./setup/dump.ts";
import { runRollback } from "./setup/rollback-command.ts";
import { listMigrations, supabase } from "./setup/supabase-cli.ts";

const migrations = await readMigrations("supabase/migrations");
const versions = migrations.map(({ version }) => version);
const identity = versions[1]!;
const files = await copyProject();
afterAll(() => files[Symbol.asyncDispose]());

describe("npm run db:rollback", () => {
  test("undoes everything after a version in one transaction, and the Supabase CLI agrees", async () => {
    await using project = await createProject();
    const before = await dumpSchema(project.url);

    const result = await runRollback(files.root, "--to", identity, `--remote=${project.url}`, "--yes");

    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(await listMigrations(files.root, project.url)).toEqual({
      files: versions,
      database: versions.slice(0, 2),
    });
    await supabase(files.root, project.url, "db", "push", "--yes");
    expect(await dumpSchema(project.url)).toEqual(before);
    expect(await listMigrations(files.root, project.url)).toEqual({ files: versions, database: versions });
  });

  test("shows the migrations, the tables and their rows before it asks for --yes, and changes nothing without it", async () => {
    await using project = await createProject();
    await addThoughts(project.database);
    const before = [await dumpSchema(project.url), await dumpRows(project.database)];

    const refused = await runRollback(files.root, "--to", identity, `--remote=${project.url}`);
    const tried = await runRollback(files.root, "--to", identity, `--remote=${project.url}`, "--dry-run");

    for (const result of [refused, tried]) {
      expect(result.stdout).toContain(new URL(project.url).pathname);
      for (const { file } of migrations.slice(2)) expect(result.stdout).toContain(file);
      expect(result.stdout).not.toContain(migrations[1]!.file);
      expect(result.stdout).toContain("public.thoughts: 3 rows\n");
      expect(result.stdout).toContain(`Leaves    ${identity}\n`);
    }
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/--yes/) });
    expect(tried).toMatchObject({ code: 0, stdout: expect.stringMatching(/nothing was changed/) });
    expect([await dumpSchema(project.url), await dumpRows(project.database)]).toEqual(before);
  });

  test("changes nothing if a rollback fails half-way, and names the line", async () => {
    await using project = await createProject();
    await addThoughts(project.database);
    const before = [await dumpSchema(project.url), await dumpRows(project.database)];
    await using broken = await copyProject();
    const { file } = migrations[2]!;
    const sql = await broken.read(`supabase/rollbacks/${file}`);
    await broken.write(`supabase/rollbacks/${file}`, `${sql}\n-- Not there.\ndrop table\n    public.nothing;\n`);

    const result = await runRollback(broken.root, "--to", identity, `--remote=${project.url}`, "--yes");

    const line = sql.split("\n").length + 2;
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(`supabase/rollbacks/${file}:${line}: table "nothing" does not exist (42P01)`);
    expect(result.stderr).toContain("Nothing was changed.");
    expect([await dumpSchema(project.url), await dumpRows(project.database)]).toEqual(before);
    expect((await listMigrations(files.root, project.url)).database).toEqual(versions);
  });

  test("refuses a loss that it did not show: rows that a cascade would delete", async () => {
    await using project = await createProject();
    await project.database.run(`
      create schema notes;
      create table notes.mine (id integer);
      insert into supabase_migrations.schema_migrations (version, name) values ('29990101000000', 'notes');
    `);
    await using hasty = await copyProject();
    await hasty.write("supabase/rollbacks/29990101000000_notes.sql", "drop schema notes cascade;\n");

    const result = await runRollback(hasty.root, "--last", "1", `--remote=${project.url}`, "--yes");

    expect(result).toMatchObject({ code: 1, stderr: expect.stringMatching(/notes\.mine\.id.+unannounced_loss/) });
    expect(await project.database.query("select to_regclass('notes.mine')::text as table")).toEqual([
      { table: "notes.mine" },
    ]);
  });

  test("does not drop an object to which a table of another schema refers", async () => {
    await using project = await createProject();
    await project.database.run("create table public.mine (thought_id bigint references public.thoughts (id))");

    const result = await runRollback(files.root, "--to", identity, `--remote=${project.url}`, "--yes");

    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/care_loop\.sql:\d+: cannot drop table .+\(2BP01\)\n.+mine_thought_id_fkey/),
    });
  });

  test("works on the Postgres port of npm start, and the API stops serving the tables at once", async () => {
    await using backend = await startLocal({ wirePort: 0 });
    const admin = backend.adminClient();
    await admin.from("circles").select("id").throwOnError();

    const result = await runRollback(files.root, "--to", identity, `--remote=${backend.databaseUrl}`, "--yes");

    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(await admin.from("circles").select("id")).toMatchObject({ status: 404 });
    await admin.from("users").select("id").throwOnError();
  });

  test("uses the database of npm start on this machine by default", () => {
    expect(readOptions(["--last", "1"])).toMatchObject({ url: localUrl, isRemote: false });
    expect(readOptions(["--last", "1", "--remote", "postgresql://a/b"])).toMatchObject({ isRemote: true });
  });

  describe("gives the reason and the remedy:", () => {
    const nobody = "postgresql://postgres@127.0.0.1:1/postgres?sslmode=disable";

    test.for([
      [[], /either --to <version> or --last <n>.+bad_options/],
      [["--to", identity, "--last", "1"], /either --to <version> or --last <n>.+bad_options/],
      [["--to", "identity"], /--to identity: a version must be the 14 digits.+bad_options/],
      [["--last", "0"], /--last 0: .+ whole number of at least 1.+bad_options/],
      [["--last", "1", "--force"], /--force.+bad_options/],
      [["--last", "1", "--remote", nobody], /Cannot connect to 127\.0\.0\.1:1: .+cannot_connect/],
      [["--last", "1", "--remote", "production"], /not the URL of a Postgres database.+cannot_connect/],
    ] as const)("%j", async ([options, fault]) => {
      const { code, stderr } = await runRollback(files.root, ...options);

      expect(code).toBe(1);
      expect(stderr).toMatch(fault);
    });

    test("unknown versions, nothing to undo, no rollback file, a file that does not parse", async () => {
      await using project = await createProject();
      await using empty = await createProject({ migrated: false });
      await using incomplete = await copyProject();
      const last = migrations.at(-1)!;
      const attempt = async (url: string, ...options: string[]) => {
        const { code, stderr } = await runRollback(incomplete.root, ...options, `--remote=${url}`, "--yes");
        expect(code).toBe(1);
        return stderr;
      };

      expect(await attempt(project.url, "--to", "20000101000000")).toMatch(/no such migration.+no_such_version/);
      expect(await attempt(project.url, "--to", last.version)).toMatch(/it is the latest.+nothing_to_undo/);
      expect(await attempt(project.url, "--last", "999")).toMatch(
        `only ${migrations.length} migrations are applied. (nothing_to_undo)`,
      );
      expect(await attempt(empty.url, "--last", "1")).toMatch(/no migration is recorded.+nothing_to_undo/);
      await incomplete.write(`supabase/rollbacks/${last.file}`, "-- Undoes it.\n\ndrop tabel public.tasks;\n");
      expect(await attempt(project.url, "--last", "1")).toMatch(
        new RegExp(`supabase/rollbacks/${last.file}:3: syntax error.+rollback_failed`),
      );
      await incomplete.remove(`supabase/rollbacks/${last.file}`);
      expect(await attempt(project.url, "--last", "1")).toMatch(
        new RegExp(`there is no supabase/rollbacks/${last.version}_.+no_rollback_file`),
      );
    });
  });
});

async function addThoughts({ run }: Awaited<ReturnType<typeof createProject>>["database"]): Promise<void> {
  await run(`
    insert into auth.users (id, email) values ('ada00000-0000-4000-8000-000000000001', 'ada@example.com');
    insert into public.thoughts (user_id, thought_text)
    select 'ada00000-0000-4000-8000-000000000001', 'Thought ' || n
    from generate_series(1, 3) as n;
  `);
}
