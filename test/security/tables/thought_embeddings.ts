import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: { select: true },
  // Of the model that is searched.
  row: () => ({ model_used: "groundwork-lexical-1" }),
} as const satisfies TableUnderTest;
