import type { Session, SupabaseClient, User } from "@supabase/supabase-js";
import type { Database } from "../database.ts";

/** A new user, and a client with that user's session. */
export interface SignedUp {
  client: SupabaseClient<Database>;
  user: User;
  session: Session;
  email: string;
  password: string;
}

/** Signs up a user over HTTP. Throws the `AuthError` if the sign-up is refused. */
export async function signUp(
  client: SupabaseClient<Database>,
  { email = `${crypto.randomUUID()}@example.com`, password = "correct horse battery", data = {} } = {},
): Promise<SignedUp> {
  const { data: signedUp, error } = await client.auth.signUp({ email, password, options: { data } });
  if (error) throw error;
  const { user, session } = signedUp;
  return { client, user: user!, session: session!, email, password };
}
