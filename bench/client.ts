/**
 * Measures what the typed client adds to plain supabase-js: bytes, time per call, and time of type checks.
 *
 *   npm run bench:client -- [--repetitions 400]
 *
 * A call and the same request with plain supabase-js alternate on the embedded stack. A ratio is computed for each
 * pair, and the median of all ratios is shown. The benchmark does not fail because something was slow.
 */
import { parseArgs } from "node:util";
import { createClient, groundwork } from "../src/index.ts";
import { startLocal } from "../src/local/index.ts";
import { median } from "./boot/statistics.ts";
import { bundleSize, domainProgram, domains, wholeProgram } from "./client/bundle-size.ts";
import { prepareTypeCheck } from "./client/type-check.ts";

const { values } = parseArgs({ options: { repetitions: { type: "string", default: "400" } } });
const repetitions = Number(values.repetitions);

console.log("Bytes, minified and gzipped, without supabase-js and zod");
const { first, whole } = await bundleSize(wholeProgram);
console.log(`  everything    ${whole}  (target 6050; ${first} at first)`);
console.log("One domain: the bytes at first, and those that are loaded later");
for (const [domain, factory] of Object.entries(domains)) {
  const size = await bundleSize(domainProgram(factory));
  console.log(`  ${domain.padEnd(12)}  ${size.first}  ${String(size.later).padStart(4)}  (target 2000)`);
}

await using backend = await startLocal();
const { session } = await backend.signUp();
const supabase = createClient(backend.url, backend.publishableKey, { accessToken: async () => session.access_token });
const gw = groundwork(supabase);
const { id } = await gw.tasks.create({ title: "t" });
for (let index = 0; index < 50; index++) await gw.tasks.create({ title: `${index}` });

const calls: [name: string, plain: () => PromiseLike<unknown>, ours: () => Promise<unknown>][] = [
  ["get", () => supabase.from("tasks").select().eq("id", id).single().throwOnError(), () => gw.tasks.get(id)],
  [
    "list",
    () =>
      supabase
        .from("tasks")
        .select("*", { count: "exact" })
        .order("created_at", { ascending: false })
        .order("id", { ascending: false })
        .range(0, 49)
        .throwOnError(),
    () => gw.tasks.list(),
  ],
  [
    "update",
    () => supabase.from("tasks").update({ completed: true }).eq("id", id).select().single().throwOnError(),
    () => gw.tasks.complete(id),
  ],
];
console.log(`\nTime a call on the embedded stack, median of ${repetitions} pairs`);
for (const [name, plain, ours] of calls) {
  const times = { plain: [] as number[], ours: [] as number[] };
  for (let index = -20; index < repetitions; index++) {
    const pair = { plain: 0, ours: 0 };
    for (const which of index % 2 ? (["plain", "ours"] as const) : (["ours", "plain"] as const)) {
      const started = performance.now();
      await (which === "plain" ? plain() : ours());
      pair[which] = performance.now() - started;
    }
    // The first calls are not measured, because the compiler has to warm up.
    if (index < 0) continue;
    times.plain.push(pair.plain);
    times.ours.push(pair.ours);
  }
  const ratio = median(times.ours.map((ms, index) => ms / times.plain[index]!));
  const shown = `${median(times.plain).toFixed(2)} ms plain, ${median(times.ours).toFixed(2)} ms ours`;
  console.log(`  ${name.padEnd(12)}  ${ratio.toFixed(3)}  (target 1.03; ${shown})`);
}

await using typeCheck = await prepareTypeCheck();
const ratios: number[] = [];
for (let index = -1; index < 7; index++) {
  const [generated, refined] = [typeCheck.measure("generated"), typeCheck.measure("refined")];
  if (index >= 0) ratios.push(refined / generated);
}
console.log(`\ntsc over all examples, with our refinements / without: ${median(ratios).toFixed(2)}  (target 1.30)`);
