import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: {
    select: true,
    insert: ["user_id", "content", "source", "confidence", "valid_from", "valid_to"],
    update: ["content", "source", "confidence", "valid_from", "valid_to"],
    delete: true,
  },
  // The memory is true now. `superseded_by` is null, because a random uuid is not a memory.
  row: () => ({ valid_from: "2026-01-01", valid_to: "2100-01-01", superseded_by: null }),
} as const satisfies TableUnderTest;
