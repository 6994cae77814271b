/**
 * The baseline of `npm start`. First PGlite alone opens the data directory (argument 1) and answers a query. Then
 * @supabase/lite alone starts and answers one request on that directory.
 */
import { PGlite } from "@electric-sql/pglite";
import { pgtap } from "@electric-sql/pglite/pgtap";
import { vector } from "@electric-sql/pglite/vector";
import { report, sinceSpawn } from "./report.ts";

const [dataDir, secretKey, jwtSecret] = process.argv.slice(2) as [string, string, string];
const extensions = { vector, pgtap };

const pglite = await PGlite.create({ dataDir, extensions });
await pglite.query("select 1");
const pgliteMs = sinceSpawn();
await pglite.close();

const importStart = performance.now();
const { App } = await import("@supabase/lite");
const { createPgliteConnection } = await import("@supabase/lite/pglite");
const importMs = performance.now() - importStart;

// This opens the directory a second time. It is not part of lite's own time, so it is not counted.
const connection = await createPgliteConnection({ url: dataDir, pgliteOptions: { extensions } });
await connection.driver.waitReady;
// Otherwise lite would grant all rights to all roles in the measured directory.
Object.assign(connection, { rlsState: "active" });

const serveStart = performance.now();
const app = new App({
  connection,
  api: { schemas: ["public"] },
  auth: { enabled: true, jwt_secret: jwtSecret, secret_key: secretKey },
  options: { server: { admin: false } },
});
await app.ensureSystemSchema();
await connection.introspect({ useCache: true });
const response = await app.fetch(
  new Request("http://localhost/rest/v1/circles?select=id&limit=1", { headers: { apikey: secretKey } }),
);
if (response.status !== 200) throw new Error(`lite answered ${response.status}: ${await response.text()}`);
await response.json();
const serveMs = performance.now() - serveStart;

await connection.close();
report({ pgliteMs, liteMs: importMs + serveMs });
