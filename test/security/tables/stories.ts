import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: { select: true, insert: ["user_id", "story_text", "completed_at"], delete: true },
  row: () => ({}),
} as const satisfies TableUnderTest;
