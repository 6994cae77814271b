import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: {
    select: true,
    insert: ["user_id", "custom_hours", "theme", "communication_preferences", "onboarding_completed"],
    update: ["custom_hours", "theme", "communication_preferences", "onboarding_completed"],
    delete: true,
  },
  row: ({ marker }) => ({
    custom_hours: { start: "09:00", end: "17:00", timezone: "UTC", marker },
    communication_preferences: { email: true, sms: false, in_app: true, marker },
  }),
} as const satisfies TableUnderTest;
