import type { TableUnderTest } from "../table-under-test.ts";

export default {
  rights: { select: true },
  row: () => ({}),
} as const satisfies TableUnderTest;
