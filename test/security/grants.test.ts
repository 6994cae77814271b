import { startLocal } from "#groundwork/local";
import { afterAll, expect, test } from "vitest";

const backend = await startLocal({ seed: true });
afterAll(() => backend.close());

const privileges = () =>
  backend.database.query(`
    select relacl::text as granted, relname::text as name from pg_class where relnamespace = 'public'::regnamespace
    union all
    select attacl::text, attname::text from pg_attribute where attacl is not null
    union all
    select proacl::text, proname::text from pg_proc where pronamespace in ('public'::regnamespace, 'groundwork'::regnamespace)
    union all
    select nspacl::text, nspname::text from pg_namespace where nspname in ('public', 'groundwork', 'auth', 'extensions')
    union all
    select defaclacl::text, 'default' from pg_default_acl
    order by 2, 1
  `);

test("serving requests changes no grant", async () => {
  const before = await privileges();

  const { client } = await backend.signUp();
  await client.from("thoughts").insert({ thought_text: "t" }).throwOnError();
  await client.from("thoughts").select("*, circles(*)").throwOnError();
  await client.rpc("ensure_user").throwOnError();
  await backend.client().from("thoughts").select();
  await backend.adminClient().from("users").select().throwOnError();

  expect(await privileges()).toEqual(before);
});

test("visitors may use no table, and nobody may write a column without a grant", async () => {
  const visitor = backend.client();
  for (const table of [
    "users",
    "user_preferences",
    "circles",
    "thoughts",
    "intentions",
    "intention_cares",
    "stories",
  ] as const) {
    expect(await visitor.from(table).select()).toMatchObject({ status: 401, error: { code: "42501" } });
  }
  const { client, user } = await backend.signUp();
  expect(await client.from("users").update({ vibe_profile: null }).eq("id", user.id)).toMatchObject({
    status: 403,
    error: { code: "42501" },
  });
});

test("a request without a key is refused, and so is a wrong secret key", async () => {
  const keyless = await fetch(`${backend.url}/rest/v1/users`);
  const wrong = await fetch(`${backend.url}/rest/v1/users`, { headers: { apikey: "sb_secret_wrong" } });

  expect([keyless.status, wrong.status]).toEqual([401, 401]);
});
