import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: {
    select: true,
    insert: ["user_id", "title", "raw_text", "persona", "source"],
    update: ["title", "raw_text", "persona", "source"],
    delete: true,
  },
  // A job makes one persona, so `replaces` is null: a random uuid is not a persona.
  row: () => ({ replaces: null }),
} as const satisfies TableUnderTest;
