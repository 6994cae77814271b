import { z } from "zod";
import { Timezone } from "./timezone.ts";

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: "A time has the form 09:00." });

/** `user_preferences.custom_hours`: working hours in the user's own zone. `end` before `start` is past midnight. */
export const CustomHours = z.object({ start: TimeOfDay, end: TimeOfDay, timezone: Timezone });
export type CustomHours = z.infer<typeof CustomHours>;
