import {
  type SupabaseClient,
  type SupabaseClientOptions,
  createClient as createSupabaseClient,
} from "@supabase/supabase-js";
import type { Database } from "../database.ts";

/**
 * Makes a plain `supabase-js` client that has the types of Groundwork's schema.
 *
 * It works on Node 20.16 and later, on Deno and in browsers. Node 20 has no WebSocket. There, Realtime uses the package
 * `ws`, unless `options.realtime.transport` is set.
 *
 * @param url URL of the project, such as `http://127.0.0.1:54321`
 * @param key the publishable key; on a server, the secret key is possible
 * @example
 * const client = createClient("http://127.0.0.1:54321", publishableKey);
 * const { data: thoughts } = await client.from("thoughts").select("id, thought_text, circles(circle_name)");
 */
export function createClient(
  url: string,
  key: string,
  options: SupabaseClientOptions<"public"> = {},
): SupabaseClient<Database> {
  const transport = typeof globalThis.WebSocket === "undefined" ? webSocketOfNode20() : undefined;
  const realtime = transport && { transport, ...options.realtime };
  return createSupabaseClient<Database>(url, key, { ...options, ...(realtime && { realtime }) });
}

type Transport = NonNullable<NonNullable<SupabaseClientOptions<"public">["realtime"]>["transport"]>;

/** `import("ws")` would not do: it is asynchronous, and a bundler for browsers would bundle `ws`. */
function webSocketOfNode20(): Transport | undefined {
  const node = (globalThis as { process?: Partial<NodeJS.Process> }).process?.getBuiltinModule?.("node:module");
  return node?.createRequire(import.meta.url)("ws");
}
