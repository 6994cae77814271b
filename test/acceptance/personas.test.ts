import { execFileSync } from "node:child_process";
import { createClient, groundwork } from "#groundwork";
import { startLocal } from "#groundwork/local";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyMigrations, readMigrations } from "../../src/local/migrations.ts";
import { describeTable } from "../setup/catalog.ts";

const backend = await startLocal();
afterAll(() => backend.close());

let client: ReturnType<typeof backend.client>;
beforeAll(async () => {
  ({ client } = await backend.signUp());
});

const john = { raw_text: "Some text about a person", persona: { name: "John", traits: ["friendly"] } };
const create = async (values = john) =>
  (await client.from("personas").insert(values).select().single().throwOnError()).data;

test("PA-1 MK-O5 a client with the right URL and key is connected; with another key, or without a backend, it reports that it is not", async () => {
  const { data: session } = await client.auth.getSession();
  const accessToken = async () => session.session!.access_token;
  const connect = (url: string, key: string) =>
    groundwork(createClient(url, key, { accessToken }), { maxRetries: 0 }).personas.count();

  await expect(connect(backend.url, backend.publishableKey)).resolves.toBe(0);
  await expect(connect(backend.url, "sb_publishable_another")).rejects.toMatchObject({ status: 401 });
  await expect(connect("http://127.0.0.1:1", backend.publishableKey)).rejects.toMatchObject({ code: "unavailable" });
});

test("PA-2 personas has its columns, types and defaults", async () => {
  const personas = await describeTable(backend, "personas");

  expect(personas?.columns).toMatchObject({
    id: "uuid not null default gen_random_uuid()",
    raw_text: "text not null",
    persona: "jsonb not null",
    created_at: "timestamp with time zone not null default now()",
    updated_at: "timestamp with time zone not null default now()",
  });
});

test("PA-3 both times are indexed; an update changes updated_at and not created_at", async () => {
  const made = await create();

  const { data } = await client
    .from("personas")
    .update({ persona: { name: "John", traits: [] } })
    .eq("id", made.id)
    .select()
    .single()
    .throwOnError();

  expect((await describeTable(backend, "personas"))?.indexes).toEqual(
    expect.arrayContaining(["user_id, created_at DESC", "user_id, updated_at DESC"]),
  );
  expect(data.created_at).toBe(made.created_at);
  expect(Date.parse(data.updated_at)).toBeGreaterThan(Date.parse(made.updated_at));
});

test("PA-4 applying the migrations again raises no error and keeps data", async () => {
  const made = await create();

  const applied = await applyMigrations(backend.database, await readMigrations("supabase/migrations"));

  expect(applied).toEqual([]);
  expect((await client.from("personas").select().eq("id", made.id).single().throwOnError()).data).toEqual(made);
});

test("PA-4 running the SQL of the migration by hand is refused, and changes nothing", async () => {
  const made = await create();
  const before = await describeTable(backend, "personas");
  const { sql } = (await readMigrations("supabase/migrations")).find(({ name }) => name === "personas")!;

  await expect(backend.database.run(`begin; ${sql}; commit;`)).rejects.toMatchObject({ code: "42P07" });
  await backend.database.run("rollback");

  expect(await describeTable(backend, "personas")).toEqual(before);
  expect((await client.from("personas").select().eq("id", made.id).single().throwOnError()).data).toEqual(made);
});

test("PA-5 a created persona is read back, and an update of the persona does not change the text", async () => {
  const made = await create();
  expect(made).toMatchObject(john);

  const persona = { name: "John", traits: ["friendly", "smart"] };
  await client.from("personas").update({ persona }).eq("id", made.id).throwOnError();

  const { data } = await client.from("personas").select().eq("id", made.id).single().throwOnError();
  expect(data).toMatchObject({ raw_text: john.raw_text, persona });
});

test("PA-6 delete removes the row", async () => {
  const made = await create();

  await client.from("personas").delete().eq("id", made.id).throwOnError();

  expect((await client.from("personas").select().eq("id", made.id).throwOnError()).data).toEqual([]);
});

test("PA-7 a page of the client's repository has at most as many rows as asked for, with the total of all", async () => {
  const gw = groundwork((await backend.signUp()).client);
  await gw.personas.createMany(Array.from({ length: 12 }, (_, n) => ({ ...john, title: `Person ${n}` })));

  const first = await gw.personas.list({ limit: 10, offset: 0 });
  const second = await gw.personas.list({ limit: 10, offset: 10 });

  expect([first.items.length, second.items.length]).toEqual([10, 2]);
  expect([first.total, second.total, await gw.personas.count()]).toEqual([12, 12, 12]);
  expect(new Set([...first.items, ...second.items].map(({ title }) => title)).size).toBe(12);
});

test("PA-8 the client's repository distinguishes bad input and database errors by their codes", async () => {
  const gw = groundwork(client, { maxRetries: 0 });
  const away = groundwork(createClient("http://127.0.0.1:1", backend.publishableKey), { maxRetries: 0 });

  await expect(gw.personas.create({ ...john, raw_text: "" })).rejects.toMatchObject({
    code: "validation",
    backendCode: "23514",
  });
  await expect(gw.personas.create({ ...john, persona: [] as never })).rejects.toMatchObject({
    code: "validation",
    backendCode: "23514",
  });
  await expect(gw.personas.create({ persona: {} } as never)).rejects.toMatchObject({
    code: "validation",
    backendCode: "23502",
  });
  await expect(away.personas.list()).rejects.toMatchObject({ code: "unavailable" });
  await backend.database.run("alter table public.personas rename to hidden");
  await expect(gw.personas.list()).rejects.toMatchObject({ code: "internal", backendCode: "PGRST205" });
  await backend.database.run("alter table public.hidden rename to personas");
});

test("PA-9 clients are independent of each other: a new one does not have another one's session", async () => {
  const fresh = backend.client();

  expect((await fresh.auth.getSession()).data.session).toBeNull();
  expect((await client.auth.getSession()).data.session).not.toBeNull();
});

test("PA-10 PK-T3 .env is ignored by git, and .env.example is not", () => {
  const ignored = (file: string) => {
    try {
      execFileSync("git", ["check-ignore", "--quiet", "--no-index", file]);
      return true;
    } catch {
      return false;
    }
  };

  expect([".env", "supabase/functions/.env", ".env.example"].map(ignored)).toEqual([true, true, false]);
});
