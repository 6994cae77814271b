/** Makes a database from nothing: initdb, the extensions, the first query. */
import { openPglite } from "../../src/local/database/open-pglite.ts";
import { peakMemory, report } from "./report.ts";

const start = performance.now();
const database = await openPglite();
await database.run("create extension vector; create extension pgtap;");
await database.query("select 1");
report({ ms: performance.now() - start, peakMb: peakMemory() });
await database.close();
