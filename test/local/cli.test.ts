import { createServer } from "node:net";
import { createClient } from "#groundwork";
import { localKeys } from "#groundwork/local";
import postgres from "postgres";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { openPglite } from "../../src/local/database/open-pglite.ts";
import { emptySnapshot } from "../../src/local/snapshot.ts";
import { startWireServer } from "../../src/local/wire/wire-server.ts";
import { type Cli, runCli } from "../setup/cli.ts";
import { copyProject } from "../setup/project.ts";
import { until } from "../setup/until.ts";

const project = await copyProject();
afterAll(() => project[Symbol.asyncDispose]());

const running = new Set<Cli>();
afterEach(async () => {
  for (const cli of running) await cli.ended("SIGKILL");
  running.clear();
});

const start = (...options: string[]): Cli => {
  const cli = runCli(project.root, ["--port", "0", "--wire-port", "0", ...options]);
  running.add(cli);
  return cli;
};

const ready = async (cli: Cli) => {
  const [, url] = await cli.printed(/API URL +(\S+)/);
  await cli.printed(/Ctrl-C stops it/);
  return url!;
};

const admin = (url: string) => createClient(url, localKeys.secretKey);

const databaseUrl = async (cli: Cli) => (await cli.printed(/Database +(\S+)/))[1]!;

/** Waits until no process has this id. */
const gone = (pid: number) =>
  until(`the end of process ${pid}`, () => {
    try {
      return !process.kill(pid, 0);
    } catch {
      return true;
    }
  });

describe("npm start", () => {
  test("prints the values that an app needs, keeps data over a restart, and then applies new migrations", async () => {
    await project.write(
      "supabase/functions/pid/index.ts",
      "export default { fetch: () => Response.json({ pid: Deno.pid }) };",
    );
    const first = start();
    const url = await ready(first);
    expect(first.output()).toContain(localKeys.publishableKey);
    expect(first.output()).toContain(localKeys.secretKey);
    const [, email, password] = await first.printed(/Demo login +(\S+) \/ (\S+)/);
    const client = createClient(url, localKeys.publishableKey);
    await client.auth.signInWithPassword({ email: email!, password: password! });
    await client.from("thoughts").insert({ thought_text: "kept over a restart" }).throwOnError();
    const { pid } = (await client.functions.invoke("pid")).data as { pid: number };

    expect(await first.ended("SIGINT")).toBe(0);
    await gone(pid);
    await project.write("supabase/migrations/29990101000000_later.sql", "create table public.later (id int);");
    const second = start();
    const urlAgain = await ready(second);

    expect(second.output()).toContain("1 migration applied.");
    expect(second.output()).not.toContain("has changed");
    const { data } = await admin(urlAgain)
      .from("thoughts")
      .select()
      .eq("thought_text", "kept over a restart")
      .throwOnError();
    expect(data).toHaveLength(1);
    const { data: ada } = await admin(urlAgain).from("users").select().eq("email", email!).throwOnError();
    expect(ada).toHaveLength(1);
    expect(await second.ended("SIGTERM")).toBe(0);

    await project.write("supabase/migrations/29990101000000_later.sql", "create table public.later (id bigint);");
    const third = start();
    await ready(third);
    expect(third.output()).toContain("supabase/migrations/29990101000000_later.sql has changed since this database");
    expect(third.output()).toContain("or start again without .groundwork/data.");
    expect(await third.ended("SIGTERM")).toBe(0);
    await project.remove("supabase/migrations/29990101000000_later.sql");
    const fourth = start();
    await ready(fourth);
    expect(fourth.output()).toContain("supabase/migrations/29990101000000_later.sql no longer exists, but its changes");
    expect(await fourth.ended("SIGTERM")).toBe(0);
    await project.remove(".groundwork/data");
  });

  test("killed at once leaves no Deno process, and loses no data", async () => {
    const first = start();
    const url = await ready(first);
    const { pid } = (await admin(url).functions.invoke("pid")).data as { pid: number };
    for (let n = 0; n < 20; n += 1) {
      const name = `user_${n}`;
      await admin(url)
        .from("users")
        .insert({ clerk_user_id: name, email: `${name}@example.com`, name })
        .throwOnError();
    }

    await first.ended("SIGKILL");
    await gone(pid);
    const second = start();

    const { count } = await admin(await ready(second))
      .from("users")
      .select("*", { count: "exact", head: true })
      .like("clerk_user_id", "user_%")
      .throwOnError();
    expect(count).toBe(20);
  });

  test("stopped during the start ends at once, and starts the next time", async () => {
    const first = start();
    await first.printed(/Starting/);

    expect(await first.ended("SIGTERM")).not.toBe(0);

    await ready(start());
  });

  test("with data that another one uses ends with 1 and a message, and does not harm the first", async () => {
    const first = start();
    const url = await ready(first);

    const second = start();

    expect(await second.ended()).toBe(1);
    expect(second.output()).toContain(`The data is in use by another backend (process ${first.process.pid}).`);
    expect(second.output()).toContain("--memory");
    await admin(url).from("users").select().throwOnError();
  });

  test("with --memory --no-seed keeps no data and is not seeded", async () => {
    const cli = start("--memory", "--no-seed");
    const url = await ready(cli);

    expect(cli.output()).not.toContain("Demo login");
    expect((await admin(url).from("users").select().throwOnError()).data).toEqual([]);
  });

  test("logs a failed request in one line", async () => {
    const cli = start("--memory", "--no-seed");
    const url = await ready(cli);
    const before = cli.output().length;

    await createClient(url, localKeys.publishableKey).from("thoughts").select();
    await createClient(url, localKeys.publishableKey).auth.signInWithPassword({
      email: "a@b.cd",
      password: "wrong-one",
    });
    await admin(url).from("users").insert({ name: "no account" });

    await cli.printed(/23514.*\n/);
    expect(cli.output().slice(before).trim().split("\n")).toEqual([
      expect.stringMatching(/^[\d:]{8} GET \/rest\/v1\/thoughts 401 42501 permission denied for table thoughts$/),
      expect.stringMatching(/^[\d:]{8} POST \/auth\/v1\/token 400 invalid_credentials /),
      expect.stringMatching(/^[\d:]{8} POST \/rest\/v1\/users 400 23514 new row .*violates check constraint/),
    ]);
  });

  test("serves a table that psql makes while it runs", async () => {
    const cli = start("--memory", "--no-seed");
    const url = await ready(cli);
    const sql = postgres(await databaseUrl(cli), { max: 1, onnotice: () => {} });

    await sql.unsafe(`
      create table public.made_by_hand (id int primary key, moods text[]);
      grant select on public.made_by_hand to service_role;
      insert into public.made_by_hand values (1, array['calm', null]);
    `);
    await sql.end();

    const { data } = await admin(url)
      .from("made_by_hand" as never)
      .select()
      .throwOnError();
    expect(data).toEqual([{ id: 1, moods: ["calm", null] }]);
  });
});

describe("npm start ends with 1 and the remedy", () => {
  test.for([
    [["--port", "many"], "--port many: a port is a whole number"],
    [["--port", "70000"], "--port 70000: a port is a whole number"],
    [["--colour"], "--colour"],
    [["stray"], "stray"],
  ] as const)("for the options %j", async ([options, message]) => {
    const cli = start(...options);

    expect(await cli.ended()).toBe(1);
    expect(cli.output()).toContain(message);
    expect(cli.output()).toContain("npm start [-- options]");
  });

  test("when a port is in use", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };

    for (const option of ["--port", "--wire-port"]) {
      const cli = start("--memory", option, String(port));
      expect(await cli.ended()).toBe(1);
      expect(cli.output()).toContain(`Port ${port} is in use.`);
      expect(cli.output()).toContain("choose another");
    }
    await new Promise((resolve) => taken.close(resolve));
  });

  test.for([
    ["not a url", /not the URL of a Postgres database\.\s+The URL has the form postgresql:/],
    [
      "postgresql://postgres@127.0.0.1:1/postgres",
      /Cannot connect to 127\.0\.0\.1:1: .*ECONNREFUSED[\s\S]*Check host and port/,
    ],
    ["https://project.supabase.co", /not the URL of a Postgres database/],
  ] as const)("for the database URL %j", async ([url, message]) => {
    const cli = start("--database-url", url);

    expect(await cli.ended()).toBe(1);
    expect(cli.output()).toMatch(message);
    expect(cli.output()).not.toContain("    at ");
  });

  test("for a broken migration, with file and line, and nothing of it applied", async () => {
    const file = "supabase/migrations/29990101000000_broken.sql";
    await project.write(
      file,
      "create table public.half (id int);\n\nalter table public.half\n    add column x no_such_type;\n",
    );

    for (const where of [["--memory"], []]) {
      const cli = start(...where);
      expect(await cli.ended()).toBe(1);
      expect(cli.output()).toContain(`${file}:4: type "no_such_type" does not exist (42704)`);
      expect(cli.output()).toContain("Correct the file and start again. Nothing of it was applied.");
      expect(cli.output()).not.toContain("    at ");
    }
    await project.write(
      file,
      "create table public.half (id int);\ninsert into public.half values (0);\n\n-- Fails while it runs.\nselect 1 /\n  id from public.half;\n",
    );
    const late = start();
    expect(await late.ended()).toBe(1);
    expect(late.output()).toContain(`${file}:5: division by zero (22012)`);

    await project.write(file, "create table public.half (id int);\nselec 1;\n");
    const syntax = start();
    expect(await syntax.ended()).toBe(1);
    expect(syntax.output()).toContain(`${file}:2: syntax error at or near "selec"`);

    await project.remove(file);
    const mended = start();
    const url = await ready(mended);
    expect(
      (
        await admin(url)
          .from("half" as never)
          .select()
      ).error?.code,
    ).toBe("PGRST205");
  });

  test("for a broken function", async () => {
    await project.write("supabase/functions/broken/index.ts", "export default {");

    const cli = start("--memory");

    expect(await cli.ended()).toBe(1);
    expect(cli.output()).toContain("supabase/functions/broken/index.ts does not start:");
    expect(cli.output()).toContain("npx deno check");
    await project.remove("supabase/functions/broken");
  });

  test("outside of a project", async () => {
    const cli = runCli("/", []);

    expect(await cli.ended()).toBe(1);
    expect(cli.output()).toContain("There is no supabase/migrations in /.");
  });
});

describe("--database-url", () => {
  test("runs on another Postgres, and finds the data there again", async () => {
    const other = await openPglite({ snapshot: await emptySnapshot(".") });
    await using _closed = { [Symbol.asyncDispose]: () => other.close() };
    await using wire = await postgresFrom(other);
    const first = start("--database-url", wire.url);
    const url = await ready(first);
    const client = createClient(url, localKeys.publishableKey);
    await client.auth.signUp({ email: "neon@example.com", password: "correct horse" });
    const made = await client
      .from("thoughts")
      .insert({ thought_text: "elsewhere", tags: ["a", "b"] })
      .select()
      .throwOnError();
    expect(await first.ended("SIGINT")).toBe(0);

    const second = start("--database-url", wire.url);
    const { data } = await admin(await ready(second))
      .from("thoughts")
      .select()
      .eq("thought_text", "elsewhere")
      .throwOnError();

    expect(data).toEqual(made.data);
    expect(data[0]!.created_at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/);
    expect(await second.ended("SIGINT")).toBe(0);
  });

  test("refuses a database that a Supabase project manages, and changes nothing", async () => {
    const other = await openPglite({ snapshot: await emptySnapshot(".") });
    await using _closed = { [Symbol.asyncDispose]: () => other.close() };
    await using wire = await postgresFrom(other);
    await other.run(
      "create schema auth; create table auth.schema_migrations (version text); create table auth.users (id uuid);",
    );
    const objects = () =>
      other.query("select oid, relname from pg_class union all select oid, nspname from pg_namespace order by 1");
    const before = await objects();

    const cli = start("--database-url", wire.url);

    expect(await cli.ended()).toBe(1);
    expect(cli.output()).toContain("managed by a Supabase project. Nothing was changed.");
    expect(await objects()).toEqual(before);
  });
});

/** PGlite behind its wire port: the Postgres protocol and a real driver, on a machine without Postgres. */
async function postgresFrom({ session }: Awaited<ReturnType<typeof openPglite>>) {
  const server = await startWireServer({ session, port: 0 });
  return {
    url: `postgresql://postgres:postgres@127.0.0.1:${server.port}/postgres?sslmode=disable`,
    [Symbol.asyncDispose]: () => server.close(),
  };
}
