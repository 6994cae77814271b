import path from "node:path";
import { configDefaults, defineConfig } from "vitest/config";

// Node keeps what it compiled for the next of the many processes that the tests start.
process.env["NODE_COMPILE_CACHE"] ??= path.resolve("node_modules/.cache/node");
// The passwords of tests need no protection, and bcryptjs takes a tenth of a second for each at its usual cost.
process.env["LITE_AUTH_BCRYPT_COST"] ??= "4";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Those have configurations of their own: npm run test:postgres, npm run test:long, npm run test:browser.
    exclude: [...configDefaults.exclude, "test/postgres/**", "test/long/**", "test/browser/**"],
    globalSetup: "test/setup/build-snapshots.ts",
    setupFiles: ["test/setup/fast-check.ts"],
    // Each file has a database of its own in memory, and a worker takes about a gigabyte, because those of its last files are
    // still there. Two files keep two cores busy, and a third one what the others leave idle while they wait.
    maxWorkers: 3,
    // The files of a worker share its modules: to load them anew for each takes a fifth of all processor time.
    isolate: false,
    // Less than half the memory, and faster here: V8's optimising compiler costs more than the few queries of a test gain.
    execArgv: ["--liftoff-only"],
    // Some twenty times what the slowest takes on a quiet machine: only what hangs is to fail by time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
