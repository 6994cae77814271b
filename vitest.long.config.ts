import { defineConfig } from "vitest/config";
import { adminUrl } from "./test/postgres/setup/admin.ts";

// Without a database nothing is tested, and nothing is skipped.
adminUrl();

/** What takes minutes by its nature, on a native Postgres. Needs DATABASE_URL. */
export default defineConfig({
  test: {
    include: ["test/long/**/*.test.ts"],
    globalSetup: "test/postgres/setup/build-templates.ts",
    setupFiles: ["test/setup/fast-check.ts"],
    maxWorkers: 2,
    execArgv: ["--liftoff-only"],
    testTimeout: 1_800_000,
    hookTimeout: 300_000,
  },
});
