// @ts-types="../_shared/assert.d.ts"
import { assertEquals } from "deno-std/assert/equals.js";

const keys = { default: "sb_secret_default", automations: "sb_secret_automations" };
Deno.env.set("SUPABASE_URL", "http://127.0.0.1:9");
Deno.env.set("SUPABASE_SECRET_KEYS", JSON.stringify(keys));
Deno.env.set("SUPABASE_PUBLISHABLE_KEYS", JSON.stringify({ default: "sb_publishable_default" }));
const { default: embed } = await import("./index.ts");

Deno.test("is for secret keys of the project, whatever their name, and for people who are signed in", async () => {
  // What the handler itself refuses has come past the key.
  const get = async (headers: Record<string, string>) => {
    const response = await embed.fetch(new Request("http://localhost/embed", { headers }));
    await response.body?.cancel();
    return response.status;
  };

  assertEquals(await get({ apikey: keys.default }), 405);
  assertEquals(await get({ apikey: keys.automations }), 405);
  assertEquals(await get({ apikey: "sb_secret_of_another_project" }), 401);
  assertEquals(await get({ apikey: "sb_publishable_default" }), 401);
  assertEquals(await get({ authorization: `Bearer ${keys.default}` }), 401);
  assertEquals(await get({}), 401);
});
