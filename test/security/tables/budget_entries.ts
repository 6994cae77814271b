import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: { select: true, insert: ["user_id", "resource_type", "cost", "description", "campaign_id"] },
  // The only resource that users may enter. A request is booked only once.
  row: ({ marker }) => ({
    resource_type: "ad_spend",
    provider_request_id: `${marker} ${crypto.randomUUID()}`,
  }),
} as const satisfies TableUnderTest;
