import {
  type SupabaseClient,
  type SupabaseClientOptions,
  createClient as createSupabaseClient,
} from "@supabase/supabase-js";
import type { Database } from "../database.ts";

/**
 * A plain `supabase-js` client that knows Groundwork's schema.
 *
 * Works on Node 20.16 and later, Deno and browsers. Node 20 has no WebSocket of its own; there the package `ws` is used for
 * Realtime, unless `options.realtime.transport` says otherwise.
 *
 * @param url of the project, such as `http://127.0.0.1:54321`
 * @param key the publishable key, or on a server the secret key
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

/** Without an import, which a bundler for browsers would follow; and at once, which an import is not. */
function webSocketOfNode20(): Transport | undefined {
  const node = (globalThis as { process?: Partial<NodeJS.Process> }).process?.getBuiltinModule?.("node:module");
  return node?.createRequire(import.meta.url)("ws");
}
