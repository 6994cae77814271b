import { execFileSync } from "node:child_process";
import { createClient } from "#groundwork";
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

test("PA-1 a client with URL and key is connected, and one without a backend says that it is not", async () => {
  const connected = await createClient(backend.url, backend.publishableKey).functions.invoke("health", {
    method: "GET",
  });
  const lost = await createClient("http://127.0.0.1:1", backend.publishableKey).from("personas").select();

  expect(connected.data).toMatchObject({ database: "connected" });
  expect(lost.data).toBeNull();
  expect(lost.error?.message).toMatch(/fetch failed/);
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

test("PA-3 both times are indexed; an update moves updated_at by itself, and created_at stays", async () => {
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

test("PA-5 what was created is read back, and an update of the persona leaves the text", async () => {
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

test("PA-7 a page has at most as many rows as asked for, with the total of all", async () => {
  const reader = await backend.signUp();
  const rows = Array.from({ length: 12 }, (_, n) => ({ ...john, title: `Person ${n}` }));
  await reader.client.from("personas").insert(rows).throwOnError();
  const page = (from: number) =>
    reader.client
      .from("personas")
      .select("title", { count: "exact" })
      .order("title")
      .range(from, from + 9)
      .throwOnError();

  const [first, second] = [await page(0), await page(10)];

  expect([first.data.length, second.data.length]).toEqual([10, 2]);
  expect([first.count, second.count]).toEqual([12, 12]);
});

test("PA-8 bad input and a fault of the database are told apart by their codes", async () => {
  const bad = await client.from("personas").insert({ raw_text: "", persona: {} });
  const notAnObject = await client.from("personas").insert({ raw_text: "x", persona: [] as never });
  const missing = await client.from("personas").insert({ persona: {} } as never);
  const fault = await client.from("no_such_table" as never).select();

  expect([bad.status, notAnObject.status, missing.status]).toEqual([400, 400, 400]);
  expect([bad.error?.code, notAnObject.error?.code, missing.error?.code]).toEqual(["23514", "23514", "23502"]);
  expect([fault.status, fault.error?.code]).toEqual([404, "PGRST205"]);
});

test("PA-9 clients are independent of each other: a new one knows nothing of another's session", async () => {
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
