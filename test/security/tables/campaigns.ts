import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: {
    select: true,
    insert: ["user_id", "name", "description", "status", "budget", "start_date", "end_date"],
    update: ["name", "description", "status", "budget", "start_date", "end_date"],
    delete: true,
  },
  row: () => ({}),
} as const satisfies TableUnderTest;
