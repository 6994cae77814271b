import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: { select: true },
  // A user has each key only once.
  row: ({ marker }) => ({ agent_type: "seo_writer", idempotency_key: `${marker} ${crypto.randomUUID()}` }),
} as const satisfies TableUnderTest;
