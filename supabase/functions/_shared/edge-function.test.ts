// @ts-types="./assert-equals.d.ts"
import { assertEquals } from "@std/assert/equals";
import { edgeFunction } from "./edge-function.ts";

const environment = {
  SUPABASE_URL: "http://127.0.0.1:9",
  SUPABASE_SECRET_KEYS: JSON.stringify({ default: "sb_secret_default" }),
  SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: "sb_publishable_default" }),
  SUPABASE_JWKS: JSON.stringify({ keys: [] }),
};
for (const [name, value] of Object.entries(environment)) Deno.env.set(name, value);

const ok = () => Promise.resolve(Response.json({ data: "ok" }));
const request = (headers: Record<string, string>) => new Request("http://localhost/x", { method: "POST", headers });
const nonsense = { apikey: "sb_publishable_default", authorization: "Bearer nonsense" };

Deno.test(
  "who is refused is told what to send, in the form of all errors, also on a page of another origin",
  async () => {
    const forUsers = await edgeFunction("user", ok).fetch(request(nonsense));
    const forKeys = await edgeFunction("secret:*", ok).fetch(request({ apikey: "sb_publishable_default" }));

    assertEquals([forUsers.status, forKeys.status], [401, 401]);
    assertEquals(await forUsers.json(), {
      error: {
        code: "unauthenticated",
        message: "You are not signed in, or your session has ended.",
        hint: "Sign in, and send the access token as authorization: Bearer …, with the publishable key as apikey.",
      },
    });
    assertEquals((await forKeys.json()).error.message, "This is for the project's secret keys.");
    for (const { headers } of [forUsers, forKeys]) {
      assertEquals(headers.get("access-control-allow-origin"), "*");
      assertEquals(typeof headers.get("x-supabase-server-error"), "string");
    }
  },
);

Deno.test("what the function itself answers is left as it is", async () => {
  const served = edgeFunction(["secret:*", "user"], (_, { authMode }) => Promise.resolve(Response.json({ authMode })));

  const response = await served.fetch(request({ apikey: "sb_secret_default" }));

  assertEquals(await response.json(), { authMode: "secret" });
});

Deno.test("a function without its settings says which, and not that the caller is at fault", async () => {
  Deno.env.delete("SUPABASE_URL");
  try {
    const response = await edgeFunction("none", ok).fetch(request({}));

    assertEquals(response.status, 500);
    const { error } = await response.json();
    assertEquals(error.code, "misconfigured");
    assertEquals(`${error.message} ${error.hint}`.includes("SUPABASE_URL"), true);
  } finally {
    Deno.env.set("SUPABASE_URL", environment.SUPABASE_URL);
  }
});
