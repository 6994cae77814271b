import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: { select: true, update: ["name", "timezone"] },
  // The sign-up makes the row. These values are then written into it.
  row: ({ marker }) => ({ name: marker, timezone: "Europe/Lisbon", phone: marker, vibe_profile: { marker } }),
} as const satisfies TableUnderTest;
