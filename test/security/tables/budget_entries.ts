import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: { select: true, insert: ["user_id", "resource_type", "cost", "description", "campaign_id"] },
  // The only resource that users enter themselves. A request is booked once.
  row: ({ marker }) => ({
    resource_type: "ad_spend",
    provider_request_id: `${marker} ${crypto.randomUUID()}`,
  }),
} as const satisfies TableUnderTest;
