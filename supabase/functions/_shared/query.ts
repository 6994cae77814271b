import { z } from "zod";

/** How long a query may be, in bytes of UTF-8. */
const maxQueryBytes = 8192;

/** What a user searches for. */
export const Query = z
  .string()
  .regex(/\S/, { error: "must not be blank" })
  .refine((text) => new TextEncoder().encode(text).length <= maxQueryBytes, { error: "must not be longer than 8 kB" })
  // Postgres can store neither NUL nor lone surrogates, so no text has them.
  .transform((text) => text.replaceAll("\0", " ").toWellFormed());
