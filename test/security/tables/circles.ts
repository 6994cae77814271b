import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: {
    select: true,
    insert: ["user_id", "circle_name", "description"],
    update: ["circle_name", "description"],
    delete: true,
  },
  row: () => ({}),
} as const satisfies TableUnderTest;
