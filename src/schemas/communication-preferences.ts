import { z } from "zod";

/** `user_preferences.communication_preferences`: the channels that the user agreed to. */
export const CommunicationPreferences = z.object({ email: z.boolean(), sms: z.boolean(), in_app: z.boolean() });
export type CommunicationPreferences = z.infer<typeof CommunicationPreferences>;
