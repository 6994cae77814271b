import type { Answer } from "./read-answer.ts";
import { type Backend, type Repetition, type RequestOptions, request } from "./request.ts";
import type { Client } from "../types.ts";

/** Calls an Edge Function and returns the body of its answer, which has a field `data`. */
export async function callFunction<Body extends { data: unknown }>(
  { supabase, settings }: Backend,
  repetition: Repetition,
  name: string,
  body: object,
  options: RequestOptions | undefined,
): Promise<Body> {
  const send = (signal: AbortSignal) => invoke(supabase, name, body, signal);
  const { data } = await request(send, repetition, settings, options);
  return data as Body;
}

async function invoke(supabase: Client, name: string, body: object, signal: AbortSignal): Promise<Answer<unknown>> {
  const { data, error, response } = await supabase.functions.invoke(name, { body, signal });
  const { status = 0 } = response ?? {};
  if (response && !response.ok) return { data, error: await readErrorBody(response), status };
  // A proxy, for example, may answer with status 200 and a body that is not the function's.
  const isStrange = !error && (data as Partial<{ data: unknown }> | null)?.data === undefined;
  return { data, error: isStrange ? { message: String(data) } : error, status };
}

async function readErrorBody(response: Response): Promise<unknown> {
  const message = await response.text().catch(() => "");
  try {
    return JSON.parse(message);
  } catch {
    return { message };
  }
}
