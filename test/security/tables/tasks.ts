import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: {
    select: true,
    insert: ["user_id", "title", "description", "completed"],
    update: ["title", "description", "completed"],
    delete: true,
  },
  row: () => ({}),
} as const satisfies TableUnderTest;
