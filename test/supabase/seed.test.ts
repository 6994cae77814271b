import { readFile } from "node:fs/promises";
import { startLocal } from "#groundwork/local";
import { afterAll, expect, test } from "vitest";

const backend = await startLocal({ seed: true });
afterAll(() => backend.close());

const contents = () =>
  backend.database.query(`
    select jsonb_build_object(
      'accounts', (select jsonb_agg(users order by id) from auth.users),
      'identities', (select jsonb_agg(identities order by id) from auth.identities),
      'users', (select jsonb_agg(users order by id) from public.users),
      'preferences', (select jsonb_agg(user_preferences order by id) from public.user_preferences),
      'circles', (select jsonb_agg(circles order by id) from public.circles),
      'thoughts', (select jsonb_agg(thoughts order by id) from public.thoughts),
      'intentions', (select jsonb_agg(intentions order by id) from public.intentions),
      'cares', (select jsonb_agg(intention_cares order by id) from public.intention_cares),
      'stories', (select jsonb_agg(stories order by id) from public.stories)
    ) as everything
  `);

test.for(["ada@example.com", "grace@example.com"])("%s can sign in and has rows", async (email) => {
  const client = backend.client();

  const { data, error } = await client.auth.signInWithPassword({ email, password: "groundwork" });

  expect(error).toBeNull();
  expect(data.user).toMatchObject({ email, identities: [{ provider: "email" }] });
  const { data: thoughts } = await client.from("thoughts").select("user_id").throwOnError();
  expect(thoughts.length).toBeGreaterThan(0);
  expect(thoughts.every(({ user_id }) => user_id === data.user!.id)).toBe(true);
  const { data: preferences } = await client.from("user_preferences").select("theme").single().throwOnError();
  expect(preferences.theme).not.toBe("");
});

test("there is an intention of each status, and the completed one has its story", async () => {
  const admin = backend.adminClient();

  const { data } = await admin.from("intentions").select("status, stories(story_text)").throwOnError();

  expect(new Set(data.map(({ status }) => status))).toEqual(new Set(["active", "completed", "archived"]));
  const completed = data.filter(({ status }) => status === "completed");
  expect(completed.length).toBeGreaterThan(0);
  expect(completed.every(({ stories }) => stories.length === 1)).toBe(true);
});

test("no token column of an account is null, because Supabase Auth could not read it", async () => {
  const [row] = await backend.database.query(`
    select count(*) as unreadable from auth.users
    where num_nulls(confirmation_token, recovery_token, email_change, email_change_token_new, email_change_token_current,
      phone_change, phone_change_token, reauthentication_token, instance_id) > 0
  `);

  expect(row).toEqual({ unreadable: 0 });
});

test("running the seed again changes nothing", async () => {
  const before = await contents();

  await backend.database.run(await readFile("supabase/seed.sql", "utf8"));

  expect(await contents()).toEqual(before);
});
