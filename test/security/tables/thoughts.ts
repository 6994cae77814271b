import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: {
    select: true,
    insert: ["user_id", "thought_text", "tags", "reflection", "circle_id"],
    update: ["thought_text", "tags", "reflection", "circle_id"],
    delete: true,
  },
  row: () => ({}),
} as const satisfies TableUnderTest;
