import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: {
    select: true,
    insert: ["user_id", "from_thought_id", "to_thought_id", "weight", "note"],
    delete: true,
  },
  row: () => ({}),
} as const satisfies TableUnderTest;
