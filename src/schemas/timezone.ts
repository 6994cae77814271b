import { z } from "zod";

/**
 * An IANA zone in its Area/Location form, UTC, GMT or Etc/GMT±n, as the database takes it: abbreviations such as "PST" are
 * no places and know no history.
 */
export const Timezone = z
  .string()
  .max(50)
  .regex(/^(UTC|GMT|[A-Za-z_]+(\/[A-Za-z_-]+){1,2}|Etc\/GMT[+-]\d{1,2})$/)
  .refine(isKnown, { error: "This is not a known time zone." });

function isKnown(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}
