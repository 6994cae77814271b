/**
 * The Supabase CLI's well-known local keys: an app configured for `supabase start` needs no other `.env` here, and the
 * other way round. They are public knowledge, so they only ever guard a database on this machine.
 */
export const localKeys = {
  publishableKey: "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH",
  secretKey: "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz",
  jwtSecret: "super-secret-jwt-token-with-at-least-32-characters-long",
} as const;
