// @ts-types="../_shared/assert.d.ts"
import { assertEquals } from "deno-std/assert/equals.js";

Deno.env.set("SUPABASE_URL", "http://127.0.0.1:9");
Deno.env.set("SUPABASE_SECRET_KEYS", JSON.stringify({ default: "sb_secret_default" }));
Deno.env.set("SUPABASE_PUBLISHABLE_KEYS", JSON.stringify({ default: "sb_publishable_default" }));
Deno.env.set("SUPABASE_JWKS", JSON.stringify({ keys: [] }));
const { default: recall } = await import("./index.ts");

Deno.test("is for people who are signed in, and for nobody else", async () => {
  const keys: Record<string, string>[] = [
    {},
    { apikey: "sb_publishable_default" },
    { apikey: "sb_secret_default" },
    { apikey: "sb_publishable_default", authorization: "Bearer nonsense" },
  ];
  for (const headers of keys) {
    const response = await recall.fetch(
      new Request("http://localhost/recall", { method: "POST", headers, body: '{"query": "bees"}' }),
    );
    await response.body?.cancel();

    assertEquals(response.status, 401);
  }
});
