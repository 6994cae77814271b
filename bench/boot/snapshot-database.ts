/**
 * Opens a migrated database from the snapshot (argument 1) and runs the first query. Then it measures a test with
 * rollback (1,000 rows written) five times on the open database.
 */
import { openAsBlob } from "node:fs";
import { openPglite } from "../../src/local/database/open-pglite.ts";
import { peakMemory, report } from "./report.ts";
import { median } from "./statistics.ts";

const snapshotFile = process.argv[2]!;

const start = performance.now();
const database = await openPglite({ snapshot: await openAsBlob(snapshotFile) });
await database.query("select 1");
const ms = performance.now() - start;
const peakMb = peakMemory();

await database.run("insert into auth.users (id, email) values (gen_random_uuid(), 'bench@example.com')");
const rollbacks: number[] = [];
for (let round = 0; round < 5; round += 1) {
  const before = performance.now();
  await database.run(`
    begin;
    insert into public.thoughts (user_id, thought_text)
    select users.id, 'thought ' || n
    from public.users, generate_series(1, 1000) as n
    where users.email = 'bench@example.com';
    rollback;
  `);
  rollbacks.push(performance.now() - before);
}
const [left] = await database.query<{ thoughts: number }>("select count(*) as thoughts from public.thoughts");
if (left!.thoughts !== 0) throw new Error(`${left!.thoughts} thoughts outlived the rollback`);

report({ ms, peakMb, rollbackMs: median(rollbacks) });
await database.close();
