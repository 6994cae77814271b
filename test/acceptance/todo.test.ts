import { startLocal } from "#groundwork/local";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeTable } from "../setup/catalog.ts";

const backend = await startLocal();
afterAll(() => backend.close());

let client: ReturnType<typeof backend.client>;
let userId: string;
beforeAll(async () => {
  const signedUp = await backend.signUp({ data: { name: "Test User" } });
  client = signedUp.client;
  userId = signedUp.user.id;
});

const add = async (title: string) =>
  (await client.from("tasks").insert({ title }).select().single().throwOnError()).data;

// This test comes first, because it needs a sequence that has not been used.
test("TD-7.2 ids count up from 1 and are never used again", async () => {
  const [, second] = [await add("Task 1"), await add("Task 2"), await add("Task 3")];

  await client.from("tasks").delete().eq("id", second.id).throwOnError();
  await add("Task 4");

  const { data } = await client.from("tasks").select("id, title").order("id").throwOnError();
  expect(data).toEqual([
    { id: 1, title: "Task 1" },
    { id: 3, title: "Task 3" },
    { id: 4, title: "Task 4" },
  ]);
});

test("TD-6.1 TD-7.1 users and tasks have their columns, and tasks is indexed by user", async () => {
  const users = await describeTable(backend, "users");
  const tasks = await describeTable(backend, "tasks");

  expect(users?.columns).toMatchObject({
    id: expect.stringMatching(/^uuid not null/),
    email: "text",
    name: "text not null",
  });
  expect(tasks?.columns).toEqual({
    id: "bigint not null generated always as identity",
    user_id: "uuid not null default groundwork.current_user_id()",
    title: "character varying(200) not null",
    description: "text",
    completed: "boolean not null default false",
    created_at: "timestamp with time zone not null default now()",
    updated_at: "timestamp with time zone not null default now()",
  });
  expect(tasks?.constraints).toContain("FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE");
  expect(tasks?.indexes.filter((columns) => columns.startsWith("user_id"))).not.toEqual([]);
  const triggers = await backend.database.query(
    "select tgfoid::regproc::text as function from pg_trigger where tgrelid = 'public.tasks'::regclass and not tgisinternal",
  );
  expect(triggers).toEqual([{ function: "groundwork.set_updated_at" }]);
});

test("TD-7.3 deleting a user deletes all their tasks", async () => {
  const other = await backend.signUp();
  await other.client.from("tasks").insert({ title: "Going" }).throwOnError();

  await backend.database.query("delete from auth.users where id = $1", [other.user.id]);

  const left = await backend.database.query("select id from public.tasks where user_id = $1", [other.user.id]);
  expect(left).toEqual([]);
  expect((await client.from("tasks").select().throwOnError()).data.length).toBeGreaterThan(0);
});

test("TD-7.4 created_at equals updated_at at first; an update changes only updated_at", async () => {
  const task = await add("Test Task");
  expect(task.updated_at).toBe(task.created_at);

  const { data } = await client
    .from("tasks")
    .update({ title: "Updated Task" })
    .eq("id", task.id)
    .select()
    .single()
    .throwOnError();

  expect(data.created_at).toBe(task.created_at);
  expect(Date.parse(data.updated_at)).toBeGreaterThan(Date.parse(task.updated_at));
});

test("TD-7.5 deleting the test users leaves none of them", async () => {
  const admin = backend.adminClient();
  const users = ["test_user_1", "test_user_2"].map((id) => ({
    clerk_user_id: id,
    email: `${id}@example.com`,
    name: id,
  }));
  await admin.from("users").insert(users).throwOnError();

  await admin.from("users").delete().like("clerk_user_id", "test_user_%").throwOnError();

  const { count } = await admin
    .from("users")
    .select("*", { count: "exact", head: true })
    .like("clerk_user_id", "test_user_%")
    .throwOnError();
  expect(count).toBe(0);
});

test("TD-8.3 a user and a task can be created, and a task is not completed at first", async () => {
  const task = await add("Test Task");

  expect(task).toMatchObject({ user_id: userId, title: "Test Task", description: null, completed: false });
  expect((await client.from("users").select("name").single().throwOnError()).data).toEqual({ name: "Test User" });
});

test("a title has 1 to 200 characters", async () => {
  const codes = await Promise.all(
    ["", " ", "x".repeat(201)].map(async (title) => (await client.from("tasks").insert({ title })).error?.code),
  );

  expect(codes).toEqual(["23514", "23514", "22001"]);
  expect((await add("ü".repeat(200))).title).toHaveLength(200);
});

test("a user cannot see, change or delete another user's tasks", async () => {
  const task = await add("Mine");
  const stranger = await backend.signUp();

  const seen = await stranger.client.from("tasks").select().throwOnError();
  const changed = await stranger.client
    .from("tasks")
    .update({ completed: true })
    .eq("id", task.id)
    .select()
    .throwOnError();
  const deleted = await stranger.client.from("tasks").delete().eq("id", task.id).select().throwOnError();

  expect([seen.data, changed.data, deleted.data]).toEqual([[], [], []]);
  expect((await client.from("tasks").select().eq("id", task.id).single().throwOnError()).data).toEqual(task);
});
