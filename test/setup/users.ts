import type { LocalBackend } from "#groundwork/local";

/** An account as Supabase Auth stores it. Only `id` is required. */
interface Account {
  id?: string;
  email?: string | null;
  phone?: string | null;
  is_anonymous?: boolean;
  raw_user_meta_data?: unknown;
}

/** Inserts an account into auth.users as Supabase Auth does, for sign-ups that the embedded Auth does not offer. */
export async function insertAccount({ database }: LocalBackend, account: Account = {}): Promise<string> {
  const {
    id = crypto.randomUUID(),
    email = null,
    phone = null,
    is_anonymous = false,
    raw_user_meta_data = {},
  } = account;
  await database.query(
    `insert into auth.users (instance_id, id, aud, role, email, phone, is_anonymous, raw_user_meta_data)
     values ('00000000-0000-0000-0000-000000000000', $1, 'authenticated', 'authenticated', $2, $3, $4, $5::text::jsonb)`,
    [id, email, phone, is_anonymous, JSON.stringify(raw_user_meta_data)],
  );
  return id;
}
