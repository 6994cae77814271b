import { startLocal } from "#groundwork/local";
import { afterAll, expect, test } from "vitest";
import { describeTable } from "../setup/catalog.ts";

const backend = await startLocal();
afterAll(() => backend.close());
const admin = backend.adminClient();

const timestamp = "timestamp with time zone not null default now()";
const clerkUser = (id: string) => ({ clerk_user_id: id, email: `${id}@example.com`, name: "Test" });

test("DL-AC2 users and user_preferences have their columns, defaults, keys and cascades", async () => {
  const users = await describeTable(backend, "users");
  const preferences = await describeTable(backend, "user_preferences");

  expect(users?.columns).toMatchObject({
    id: "uuid not null default gen_random_uuid()",
    clerk_user_id: "character varying(255)",
    email: "text",
    timezone: "text not null default 'UTC'::text",
    created_at: timestamp,
    updated_at: timestamp,
  });
  expect(users?.constraints).toContain("UNIQUE (clerk_user_id)");
  expect(users?.indexes).toContain("clerk_user_id");
  expect(preferences?.columns).toEqual({
    id: "uuid not null default gen_random_uuid()",
    user_id: "uuid not null default groundwork.current_user_id()",
    custom_hours: "jsonb",
    theme: "character varying(50) not null default 'modern'::character varying",
    communication_preferences: "jsonb",
    onboarding_completed: "boolean not null default false",
    created_at: timestamp,
    updated_at: timestamp,
  });
  expect(preferences?.constraints).toEqual([
    "FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE",
    "PRIMARY KEY (id)",
    "UNIQUE (user_id)",
  ]);
});

test("DL-AC3 pgvector is installed", async () => {
  const rows = await backend.database.query("select extname from pg_extension where extname = 'vector'");

  expect(rows).toEqual([{ extname: "vector" }]);
});

test("DL-AC6 DL-T1 a user is created, found by clerk_user_id, given preferences, read together with them, and deleted with them", async () => {
  const wanted = {
    theme: "medieval",
    custom_hours: { start: "09:00", end: "17:00", timezone: "America/Los_Angeles" },
    communication_preferences: { email: true, sms: false, in_app: true },
  };
  const user = { ...clerkUser(`test_clerk_${crypto.randomUUID()}`), timezone: "America/Los_Angeles" };
  await admin.from("users").insert(user).throwOnError();

  const { data: found } = await admin
    .from("users")
    .select()
    .eq("clerk_user_id", user.clerk_user_id)
    .single()
    .throwOnError();
  await admin
    .from("user_preferences")
    .insert({ user_id: found.id, ...wanted })
    .throwOnError();
  const { data: joined } = await admin
    .from("users")
    .select("timezone, user_preferences(theme, custom_hours, communication_preferences, onboarding_completed)")
    .eq("id", found.id)
    .single()
    .throwOnError();

  expect(joined).toEqual({
    timezone: "America/Los_Angeles",
    user_preferences: { ...wanted, onboarding_completed: false },
  });
  await admin.from("users").delete().eq("id", found.id).throwOnError();
  expect((await admin.from("user_preferences").select().eq("user_id", found.id).throwOnError()).data).toEqual([]);
});

test("DL-T5 a second row of preferences for a user is refused, and a second user with the same clerk_user_id", async () => {
  const { data: user } = await admin.from("users").insert(clerkUser("user_once")).select().single().throwOnError();
  await admin.from("user_preferences").insert({ user_id: user.id }).throwOnError();

  const secondPreferences = await admin.from("user_preferences").insert({ user_id: user.id });
  const secondUser = await admin.from("users").insert({ ...clerkUser("user_once"), email: "other@example.com" });

  expect(secondPreferences).toMatchObject({ status: 409, error: { code: "23505" } });
  expect(secondUser).toMatchObject({ status: 409, error: { code: "23505" } });
  const { count } = await admin
    .from("user_preferences")
    .select("*", { count: "exact", head: true })
    .eq("user_id", user.id)
    .throwOnError();
  expect(count).toBe(1);
});

test("preferences of the wrong form are refused", async () => {
  const { client } = await backend.signUp();
  const wrong = [
    { custom_hours: { start: "25:00", end: "17:00", timezone: "UTC" } },
    { custom_hours: { start: "09:00", end: "17:00", timezone: "Mars/Olympus" } },
    { custom_hours: { start: "09:00" } },
    { custom_hours: ["09:00", "17:00"] },
    { communication_preferences: { email: "yes", sms: false, in_app: true } },
    { communication_preferences: {} },
    { theme: "" },
  ];
  for (const preferences of wrong) {
    const { error } = await client.from("user_preferences").insert(preferences as never);
    expect(error).toMatchObject({ code: "23514" });
  }
  expect((await client.from("user_preferences").insert({ theme: "x".repeat(51) })).error).toMatchObject({
    code: "22001",
  });
});

test("a user's preferences can be written again and again by upsert", async () => {
  const { client, user } = await backend.signUp();
  const write = (theme: string) =>
    client.from("user_preferences").upsert({ theme }, { onConflict: "user_id" }).select().single().throwOnError();

  const { data: first } = await write("modern");
  const { data: second } = await write("medieval");

  expect(second).toMatchObject({ id: first.id, user_id: user.id, theme: "medieval" });
});
