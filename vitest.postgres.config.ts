import { defineConfig } from "vitest/config";
import { adminUrl } from "./test/postgres/setup/admin.ts";

// Without a database nothing is tested, and nothing is skipped.
adminUrl();

/** What can differ on a native Postgres, with many sessions and real roles. Needs DATABASE_URL. */
export default defineConfig({
  test: {
    include: ["test/postgres/**/*.test.ts"],
    globalSetup: "test/postgres/setup/build-templates.ts",
    setupFiles: ["test/setup/fast-check.ts"],
    maxWorkers: 2,
    execArgv: ["--liftoff-only"],
    // Only what hangs is to fail by time, also on a machine that is busy with other things.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
