import { execFile } from "node:child_process";
import { chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { App } from "@supabase/lite";
import { openPostgres } from "../../../../src/local/database/open-postgres.ts";
import { applyMigrations, readMigrations } from "../../../../src/local/migrations.ts";
import { asAdmin } from "../../setup/admin.ts";

const run = promisify(execFile);

/** A Postgres server for one test, which can be crashed. */
export interface Server extends AsyncDisposable {
  /** The URL of a migrated database on it, as a superuser. */
  url: string;
  /** Ends all its processes at once, without a checkpoint. */
  crash(): Promise<void>;
  start(): Promise<void>;
}

/** Creates and starts a server with the programs of the server of DATABASE_URL. */
export async function startServer(): Promise<Server> {
  const [config] = await asAdmin(
    (sql) => sql<{ setting: string }[]>`select setting from pg_config where name = 'BINDIR'`,
  );
  const folder = await mkdtemp(path.join(tmpdir(), "groundwork-server-"));
  const account = await serverAccount();
  await chown(folder, account.uid, account.gid);
  const call = (program: string, ...options: string[]) =>
    run(path.join(config!.setting, program), options, { ...account, cwd: folder });
  const data = path.join(folder, "data");
  const port = await freePort();
  const settings = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c max_connections=60`;
  const start = async () =>
    void (await call("pg_ctl", "start", "-w", "-D", data, "-o", settings, "-l", path.join(folder, "log")));
  const crash = async () => void (await call("pg_ctl", "stop", "-D", data, "-m", "immediate"));

  await call("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--locale=C.UTF-8", "--no-sync");
  await start();
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres?sslmode=disable`;
  const database = await openPostgres(url);
  await new App({ connection: database.connection }).ensureSystemSchema();
  await database.run(await readFile("src/local/database/platform.sql", "utf8"));
  await applyMigrations(database, await readMigrations("supabase/migrations"));
  await database.close();
  return {
    url,
    crash,
    start,
    [Symbol.asyncDispose]: async () => {
      await crash();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Returns the account of the server, because Postgres does not run as root. */
async function serverAccount(): Promise<{ uid: number; gid: number }> {
  if (process.getuid!() !== 0) return { uid: process.getuid!(), gid: process.getgid!() };
  const idOf = async (kind: "-u" | "-g") => Number((await run("id", [kind, "postgres"])).stdout);
  return { uid: await idOf("-u"), gid: await idOf("-g") };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
