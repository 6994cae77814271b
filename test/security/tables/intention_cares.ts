import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: { select: true, insert: ["user_id", "intention_id", "thought_id"], delete: true },
  row: () => ({}),
} as const satisfies TableUnderTest;
