import { FunctionsHttpError, type SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../database.ts";
import { type Answer, notTheBackends } from "./read-answer.ts";
import { ask } from "./repository.ts";
import { type Manner, request } from "./request.ts";
import type { Client } from "./types.ts";

type Functions = Database["public"]["Functions"];
type Arguments<Name extends keyof Functions> = {
  [Key in keyof Functions[Name]["Args"]]: Functions[Name]["Args"][Key] | undefined;
};

/** Calls a function of the database. */
export async function callRpc<Name extends keyof Functions>(
  supabase: Client,
  name: Name,
  args: Arguments<Name>,
  manner: Manner,
): Promise<Functions[Name]["Returns"]> {
  const call = () => (supabase as unknown as SupabaseClient).rpc(name, args);
  const { data, status } = await ask(call, manner);
  // Something else may say that all is fine, and give nothing.
  if (data === null || data === undefined) throw notTheBackends(status);
  return data as Functions[Name]["Returns"];
}

/** Calls an Edge Function, and gives the body of its answer, which has `data`. */
export async function callFunction<Body extends { data: unknown }>(
  supabase: Client,
  name: string,
  body: object,
  manner: Manner,
): Promise<Body> {
  const { data } = await request((signal) => invoke(supabase, name, body, signal), manner);
  return data as Body;
}

async function invoke(supabase: Client, name: string, body: object, signal: AbortSignal): Promise<Answer<unknown>> {
  const { data, error, response } = await supabase.functions.invoke(name, { body, signal });
  if (!(error instanceof FunctionsHttpError)) {
    // Something else may say that all is fine, and give something else.
    const isStrange = !error && (data as Partial<{ data: unknown }> | null)?.data === undefined;
    return { data, error: isStrange ? { message: String(data) } : error, status: response?.status ?? 0 };
  }
  const answer = error.context as Response;
  const told = await answer.text().catch(() => "");
  return { data: null, error: parsed(told) ?? { message: told }, status: answer.status };
}

function parsed(json: string): object | undefined {
  try {
    return JSON.parse(json) as object;
  } catch {
    return undefined;
  }
}
