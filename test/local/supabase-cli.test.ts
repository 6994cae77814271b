/** The real Supabase CLI on the wire port of the embedded database. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { App } from "@supabase/lite";
import { startLocal } from "#groundwork/local";
import { afterAll, describe, expect, test } from "vitest";
import { openPglite } from "../../src/local/database/open-pglite.ts";
import { emptySnapshot } from "../../src/local/snapshot.ts";
import { startWireServer } from "../../src/local/wire/wire-server.ts";
import { describeTable } from "../setup/catalog.ts";
import { copyProject } from "../setup/project.ts";

const backend = await startLocal({ wirePort: 0, seed: true });
afterAll(() => backend.close());
const project = await copyProject();
afterAll(() => project[Symbol.asyncDispose]());

async function supabase(url: string, ...command: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)("supabase", [...command, `--remote=${url}`], {
    cwd: project.root,
    env: { ...process.env, DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1" },
  });
  return stdout + stderr;
}

const history = "select version, name, statements from supabase_migrations.schema_migrations order by version";

describe("the Supabase CLI", () => {
  test("pushes the same migrations, with the same records, as npm start", async () => {
    const other = await openPglite({ snapshot: await emptySnapshot(".") });
    await using _closed = { [Symbol.asyncDispose]: () => other.close() };
    await new App({ connection: other.connection }).ensureSystemSchema();
    await other.run(await readFile("src/local/database/platform.sql", "utf8"));
    await other.run("drop table supabase_migrations.schema_migrations");
    const wire = await startWireServer({ session: other.session, port: 0 });
    await using _stopped = { [Symbol.asyncDispose]: () => wire.close() };

    await supabase(
      `postgresql://postgres:postgres@127.0.0.1:${wire.port}/postgres?sslmode=disable`,
      "db",
      "push",
      "--yes",
    );

    expect(await other.query(history)).toEqual(await backend.database.query(history));
  });

  test("finds nothing to push, and lists every migration on both sides", async () => {
    expect(await supabase(backend.databaseUrl!, "db", "push", "--yes")).toMatch(/up to date/i);
    const list = await supabase(backend.databaseUrl!, "migration", "list");

    const versions = await backend.database.query<{ version: string }>(history);
    expect(versions.length).toBeGreaterThan(2);
    for (const { version } of versions) expect(list.match(new RegExp(version, "g"))?.length).toBeGreaterThanOrEqual(2);
  });

  test("pushes a new migration while the API runs, and the API serves its table at once", async () => {
    await project.write(
      "supabase/migrations/29990101000000_pushed.sql",
      "create table public.pushed (id int primary key);\ngrant select on public.pushed to service_role;\n",
    );
    const stop = new AbortController();
    const requests = (async () => {
      while (!stop.signal.aborted) await backend.adminClient().from("users").select("id").throwOnError();
    })();

    await supabase(backend.databaseUrl!, "db", "push", "--yes").finally(() => stop.abort());
    await requests;

    const { data } = await backend
      .adminClient()
      .from("pushed" as never)
      .select()
      .throwOnError();
    expect(data).toEqual([]);
    await project.remove("supabase/migrations/29990101000000_pushed.sql");
  });

  test("gives no advice above the level of information", async () => {
    expect(await supabase(backend.databaseUrl!, "db", "advisors", "--fail-on", "warn")).toContain("No issues found");
  });

  test("MK-V7 resets the database to migrations and seed, but only after confirmation", async () => {
    const schema = async () => [await describeTable(backend, "tasks"), await describeTable(backend, "extra")];
    const [tasks] = await schema();
    await backend.database.run(`
      insert into public.circles (user_id, circle_name) select id, 'gone' from public.users;
      create table public.extra (id integer);
      alter table public.tasks drop column description;
    `);
    const broken = await schema();

    await expect(supabase(backend.databaseUrl!, "db", "reset")).rejects.toThrow("--yes");
    const { count } = await backend
      .adminClient()
      .from("circles")
      .select("*", { count: "exact", head: true })
      .eq("circle_name", "gone")
      .throwOnError();
    expect(count).toBe(2);
    expect(await schema()).toEqual(broken);
    await supabase(backend.databaseUrl!, "db", "reset", "--yes");

    expect(await schema()).toEqual([tasks, undefined]);
    const { data } = await backend.adminClient().from("circles").select("circle_name").order("id").throwOnError();
    expect(data).toEqual([{ circle_name: "Family" }, { circle_name: "Garden" }]);
    const { client } = await backend.signUp();
    await client.from("thoughts").insert({ thought_text: "after the reset" }).throwOnError();
  });
});
