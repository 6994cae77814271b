import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Those have configurations of their own: npm run test:postgres, npm run test:browser.
    exclude: [...configDefaults.exclude, "test/postgres/**", "test/browser/**"],
    globalSetup: "test/setup/build-snapshots.ts",
    setupFiles: ["test/setup/fast-check.ts"],
    // Each file has a database of its own in memory, some 300 MB: two at a time suit two cores.
    maxWorkers: 2,
    // Less than half the memory, and faster here: V8's optimising compiler costs more than the few queries of a test gain.
    execArgv: ["--liftoff-only"],
    // Some twenty times what the slowest takes on a quiet machine: only what hangs is to fail by time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
