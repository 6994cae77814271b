/** Starts the whole backend as a test file does: `startLocal()` from the cached snapshot, to the first REST answer. */
import { startLocal } from "../../src/local/index.ts";
import { peakMemory, report } from "./report.ts";

const start = performance.now();
await using backend = await startLocal();
await backend.adminClient().from("circles").select("id").limit(1).throwOnError();
report({ ms: performance.now() - start, peakMb: peakMemory() });
