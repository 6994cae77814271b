/** Migrations, sign-up and rollbacks with roles that are not superusers, as on hosted Supabase. */
import { afterAll, describe, expect, test } from "vitest";
import { readMigrations } from "../../src/local/migrations.ts";
import { copyProject } from "../setup/project.ts";
import { asAdmin } from "./setup/admin.ts";
import { type PostgresProject, copyTemplate } from "./setup/create-project.ts";
import { dumpSchema } from "./setup/dump.ts";
import { runRollback } from "./setup/rollback-command.ts";
import { listMigrations, supabase } from "./setup/supabase-cli.ts";

const owner = "hosted_postgres";
const authServer = "supabase_auth_admin";
const files = await copyProject();
afterAll(() => files[Symbol.asyncDispose]());

/** @param exposesNewObjects the platform's setting that grants all new objects in `public` to the roles of the API */
async function pushedProject({ exposesNewObjects = false } = {}): Promise<PostgresProject> {
  await using undo = new AsyncDisposableStack();
  const project = undo.use(await copyTemplate("hosted"));
  if (exposesNewObjects) {
    for (const objects of ["tables", "sequences", "functions"]) {
      await project.database.run(`
        alter default privileges for role ${owner} in schema public
        grant all on ${objects} to anon, authenticated, service_role
      `);
    }
  }
  await supabase(files.root, project.urlAs(owner), "db", "push", "--yes");
  undo.move();
  return project;
}

const project = await pushedProject();
afterAll(() => project[Symbol.asyncDispose]());

describe("on hosted Supabase", () => {
  test("the role that pushes is not a superuser, and owns nothing in auth", async () => {
    const roles = await project.database.query("select rolname from pg_roles where rolname = $1 and rolsuper", [owner]);
    const objects = await project.database.query(
      `select relname from pg_class where relnamespace = 'auth'::regnamespace and relowner = '${owner}'::regrole`,
    );
    const tables = await project.database.query(
      "select tablename from pg_tables where schemaname in ('public', 'groundwork') and tableowner <> $1",
      [owner],
    );

    expect([roles, objects, tables]).toEqual([[], [], []]);
    await expect(asAdmin((sql) => sql`create table auth.mine ()`, project.urlAs(owner))).rejects.toMatchObject({
      code: "42501",
    });
  });

  test("an account that Supabase Auth creates, changes and deletes is mirrored, although Auth has no rights on our tables", async () => {
    const id = crypto.randomUUID();
    const users = () => project.database.query("select email, name from public.users where auth_user_id = $1", [id]);
    const asAuth = (work: Parameters<typeof asAdmin>[0]) => asAdmin(work, project.urlAs(authServer));

    await asAuth(
      (sql) => sql`
      insert into auth.users (id, email, raw_user_meta_data)
      values (${id}, 'Ada@Example.com', '{"name": "Ada"}')
    `,
    );
    expect(await users()).toEqual([{ email: "ada@example.com", name: "Ada" }]);

    await asAuth((sql) => sql`update auth.users set email = 'lovelace@example.com' where id = ${id}`);
    expect(await users()).toEqual([{ email: "lovelace@example.com", name: "Ada" }]);

    for (const table of ["public.users", "groundwork.user_sync_errors"]) {
      await expect(asAuth((sql) => sql.unsafe(`select from ${table}`))).rejects.toMatchObject({ code: "42501" });
    }
    await asAuth((sql) => sql`delete from auth.users where id = ${id}`);
    expect(await users()).toEqual([]);
  });

  test("an account that cannot be mirrored is created all the same, and the failure is recorded", async () => {
    const email = `${crypto.randomUUID()}@example.com`;
    const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];

    await asAdmin(
      (sql) => sql`
        insert into auth.users (id, email, is_sso_user)
        values (${first}, ${email}, false), (${second}, ${email}, true)
      `,
      project.urlAs(authServer),
    );

    const errors = await project.database.query(
      "select error_code from groundwork.user_sync_errors where auth_user_id = $1",
      [second],
    );
    expect(errors).toEqual([{ error_code: "23505" }]);
  });

  test("users see only their own rows", async () => {
    const [ada, grace] = [crypto.randomUUID(), crypto.randomUUID()];
    await asAdmin(
      (sql) => sql`
        insert into auth.users (id, email)
        select account, account || '@example.com'
        from unnest(${[ada, grace]}::uuid[]) as account
      `,
      project.urlAs(authServer),
    );
    const as = (subject: string, query: string) =>
      asAdmin(
        (sql) =>
          sql.begin(async (transaction) => {
            await transaction`select set_config('request.jwt.claims', ${JSON.stringify({ sub: subject })}, true)`;
            await transaction`set local role authenticated`;
            return [...(await transaction.unsafe(query))];
          }),
        project.urlAs(owner),
      );
    await as(ada, "insert into public.thoughts (thought_text) values ('Call mother.')");

    expect(await as(ada, "select thought_text from public.thoughts")).toEqual([{ thought_text: "Call mother." }]);
    expect(await as(grace, "select thought_text from public.thoughts")).toEqual([]);
  });

  test("grants are the same with and without the platform's setting that exposes new objects", async () => {
    await using exposed = await pushedProject({ exposesNewObjects: true });
    const grantsOf = async ({ url }: PostgresProject) =>
      (await dumpSchema(url)).filter((line) => /^(GRANT|REVOKE) /.test(line));

    const grants = await grantsOf(exposed);

    expect(grants.length).toBeGreaterThan(20);
    expect(grants).toEqual(await grantsOf(project));
  });

  test("the same role undoes all migrations, keeps the accounts, and pushes them again", async () => {
    await using other = await copyTemplate("hosted");
    const before = await dumpSchema(other.url);
    const url = other.urlAs(owner);
    await supabase(files.root, url, "db", "push", "--yes", "--include-seed");
    const pushed = await dumpSchema(other.url);

    const result = await runRollback(files.root, "--to", "0", `--remote=${url}`, "--yes");

    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(await dumpSchema(other.url)).toEqual(before);
    expect((await listMigrations(files.root, url)).database).toEqual([]);
    expect(await other.database.query("select email from auth.users order by email")).toHaveLength(2);

    await supabase(files.root, url, "db", "push", "--yes");

    expect(await dumpSchema(other.url)).toEqual(pushed);
    expect((await listMigrations(files.root, url)).database).toEqual(
      (await readMigrations("supabase/migrations")).map(({ version }) => version),
    );
    const users = await other.database.query("select from public.users");
    expect(users).toHaveLength(2);
  });

  test("does not conflict with a project that has a schema private and a trigger on_auth_user_created", async () => {
    await using other = await copyTemplate("hosted");
    const url = other.urlAs(owner);
    const signUp = (email: string) =>
      asAdmin(
        (sql) => sql`insert into auth.users (id, email) values (gen_random_uuid(), ${email})`,
        other.urlAs(authServer),
      );
    await asAdmin(
      (sql) =>
        sql.unsafe(`
          create schema private;
          create table private.profiles (id uuid primary key, email text);
          create function private.current_user_id() returns uuid language sql as 'select null::uuid';
          create function private.handle_new_user() returns trigger language plpgsql security definer as $$
          begin
            insert into private.profiles (id, email) values (new.id, new.email);
            return new;
          end
          $$;
          create trigger on_auth_user_created after insert on auth.users
          for each row execute function private.handle_new_user();
        `),
      url,
    );
    await signUp("before@example.com");
    const before = await dumpSchema(other.url);

    await supabase(files.root, url, "db", "push", "--yes");
    await signUp("after@example.com");

    const emails = async (table: string) =>
      (await other.database.query<{ email: string }>(`select email from ${table} order by email`)).map(
        ({ email }) => email,
      );
    expect(await emails("private.profiles")).toEqual(["after@example.com", "before@example.com"]);
    expect(await emails("public.users")).toEqual(["after@example.com", "before@example.com"]);
    // All our objects among those of the project have our name.
    const ours = await other.database.query<{ name: string }>(`
      select tgname as name from pg_trigger where tgrelid = 'auth.users'::regclass and not tgisinternal order by 1
    `);
    expect(ours.map(({ name }) => name)).toEqual([
      "groundwork_mirror_changed_account",
      "groundwork_mirror_created_account",
      "on_auth_user_created",
    ]);

    await runRollback(files.root, "--to", "0", `--remote=${url}`, "--yes");
    expect(await dumpSchema(other.url)).toEqual(before);
    expect(await emails("private.profiles")).toEqual(["after@example.com", "before@example.com"]);
  });
});
