import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: {
    select: true,
    insert: ["user_id", "title", "content", "content_type", "metadata", "campaign_id"],
    update: ["title", "content", "content_type", "status", "metadata", "campaign_id"],
    delete: true,
  },
  row: () => ({}),
} as const satisfies TableUnderTest;
