// @ts-types="./assert-equals.d.ts"
import { assertEquals } from "@std/assert/equals";

const keys = { default: "sb_secret_default", automations: "sb_secret_automations" };
Deno.env.set("SUPABASE_URL", "http://127.0.0.1:9");
Deno.env.set("SUPABASE_SECRET_KEYS", JSON.stringify(keys));
Deno.env.set("SUPABASE_PUBLISHABLE_KEYS", JSON.stringify({ default: "sb_publishable_default" }));
Deno.env.set("SUPABASE_JWKS", JSON.stringify({ keys: [] }));

/** The status of a request that the handler itself refuses with 405, once it has come past the keys. */
async function statusOf(name: string, headers: Record<string, string>): Promise<number> {
  const { default: served } = await import(`../${name}/index.ts`);
  const response: Response = await served.fetch(new Request(`http://localhost/${name}`, { headers }));
  await response.body?.cancel();
  return response.status;
}

const noKeys: Record<string, string>[] = [
  {},
  { apikey: "sb_publishable_default" },
  { apikey: "sb_secret_of_another_project" },
  { authorization: `Bearer ${keys.default}` },
  { apikey: "sb_publishable_default", authorization: "Bearer nonsense" },
];

for (const name of ["embed", "run-agent-jobs"]) {
  Deno.test(`${name} is for the secret keys of the project, whatever their name`, async () => {
    assertEquals(await statusOf(name, { apikey: keys.default }), 405);
    assertEquals(await statusOf(name, { apikey: keys.automations }), 405);
    for (const headers of noKeys) assertEquals(await statusOf(name, headers), 401);
  });
}

for (const name of ["consolidate-memories", "generate-persona", "organize-thoughts", "recall", "search"]) {
  Deno.test(`${name} is for users who are signed in, and for nobody else`, async () => {
    for (const headers of [...noKeys, { apikey: keys.default }]) assertEquals(await statusOf(name, headers), 401);
  });
}
