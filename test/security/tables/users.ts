import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: { select: true, update: ["name", "timezone"] },
  // Sign-up makes the row; these values are written into it.
  row: ({ marker }) => ({ name: marker, timezone: "Europe/Lisbon", phone: marker, vibe_profile: { marker } }),
} as const satisfies TableUnderTest;
