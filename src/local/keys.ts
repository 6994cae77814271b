/**
 * The well-known local keys of the Supabase CLI. An app that is configured for `supabase start` works here with the
 * same `.env`, and the other way round. The keys are public, so they may only protect a database on this machine.
 */
export const localKeys = {
  publishableKey: "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH",
  secretKey: "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz",
  jwtSecret: "super-secret-jwt-token-with-at-least-32-characters-long",
} as const;
