import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: { select: true },
  // The model that searches use.
  row: () => ({ model_used: "groundwork-lexical-1" }),
} as const satisfies TableUnderTest;
