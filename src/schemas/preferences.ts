import { z } from "zod";

/** `user_preferences.communication_preferences`: the channels that the user agreed to. */
export const CommunicationPreferences = z.object({ email: z.boolean(), sms: z.boolean(), in_app: z.boolean() });
export type CommunicationPreferences = z.infer<typeof CommunicationPreferences>;

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

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: "A time has the form 09:00." });

/** `user_preferences.custom_hours`: working hours in the user's own zone. `end` before `start` is past midnight. */
export const CustomHours = z.object({ start: TimeOfDay, end: TimeOfDay, timezone: Timezone });
export type CustomHours = z.infer<typeof CustomHours>;
