import { defineConfig } from "vitest/config";
import { chromiumPath } from "./test/browser/setup/chromium.ts";

// Without a browser nothing is tested, and nothing is skipped.
chromiumPath();

/** The package in headless Chromium. */
export default defineConfig({
  test: {
    include: ["test/browser/**/*.test.ts"],
    globalSetup: "test/setup/build-snapshots.ts",
    execArgv: ["--liftoff-only"],
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
