import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: {
    select: true,
    insert: ["user_id", "intention_text"],
    update: ["intention_text", "status"],
    delete: true,
  },
  row: () => ({}),
} as const satisfies TableUnderTest;
