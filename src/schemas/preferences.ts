import { z } from "zod";

/** `user_preferences.communication_preferences`: the channels by which the user agreed to be contacted. */
export const CommunicationPreferences = z.object({ email: z.boolean(), sms: z.boolean(), in_app: z.boolean() });
export type CommunicationPreferences = z.infer<typeof CommunicationPreferences>;

/**
 * An IANA time zone that the database accepts: Area/Location, UTC, GMT or Etc/GMT±n. Abbreviations such as "PST" are
 * refused, because they do not name a place with its history of offsets.
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

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: "A time must have the form 09:00." });

/**
 * `user_preferences.custom_hours`: working hours in the user's time zone. An `end` before `start` is on the next day.
 */
export const CustomHours = z.object({ start: TimeOfDay, end: TimeOfDay, timezone: Timezone });
export type CustomHours = z.infer<typeof CustomHours>;
