import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../database.ts";
import { notFromBackend } from "./read-answer.ts";
import { runQuery } from "./repository.ts";
import type { Backend, Repetition, RequestOptions } from "./request.ts";

type Functions = Database["public"]["Functions"];
type Arguments<Name extends keyof Functions> = {
  [Key in keyof Functions[Name]["Args"]]: Functions[Name]["Args"][Key] | undefined;
};

/** Calls a function of the database. */
export async function callRpc<Name extends keyof Functions>(
  backend: Backend,
  repetition: Repetition,
  name: Name,
  args: Arguments<Name>,
  options: RequestOptions | undefined,
): Promise<Functions[Name]["Returns"]> {
  const call = () => (backend.supabase as unknown as SupabaseClient).rpc(name, args);
  const { data, status } = await runQuery(backend, repetition, call, options);
  // A proxy, for example, may answer with status 200 and no body.
  if (data === null || data === undefined) throw notFromBackend(status);
  return data as Functions[Name]["Returns"];
}
