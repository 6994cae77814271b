import { type Groundwork, createGroundwork } from "supabase-groundwork";

/** Those of `npm start` and of `supabase start`; the two variables point to another project. */
const url = process.env.SUPABASE_URL ?? "http://127.0.0.1:54321";
const key = process.env.SUPABASE_PUBLISHABLE_KEY ?? "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH";

/** A client on which somebody new is signed in, so that every run of an example begins with nothing. */
export async function signUp(name: string, timezone: string): Promise<Groundwork> {
  const gw = createGroundwork(url, key);
  const { data, error } = await gw.supabase.auth.signUp({
    email: `${name.toLowerCase()}.${crypto.randomUUID()}@example.com`,
    password: crypto.randomUUID(),
    options: { data: { name, timezone } },
  });
  if (error) throw error;
  if (!data.session)
    throw new Error("This project wants e-mail addresses confirmed. Turn that off to run the examples.");
  return gw;
}
