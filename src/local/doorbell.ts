import type { Database } from "./database/database.ts";

interface Options {
  database: Database;
  /** Calls the function that works on the jobs. */
  ring: (signal: AbortSignal) => Promise<Response>;
  /** One line for a call that fails. */
  log: (line: string) => void;
}

/** What pg_cron and pg_net do on hosted Supabase: calls the worker when there is work, and only then. */
export interface Doorbell {
  close(): Promise<void>;
}

/** How often to look for what comes without a notification: jobs that become due, leases that expire. */
const lookEveryMs = 2000;
/** After a call that failed, and after each that failed again twice as long. */
const shortestPauseMs = 1000;
const longestPauseMs = 60_000;

/** Listens for queued jobs. Does nothing in a database that has no queue. */
export async function startDoorbell({ database, ring, log }: Options): Promise<Doorbell> {
  const [found] = await database.query<{ hasQueue: boolean }>(
    `select to_regprocedure('private.has_agent_work(timestamptz)') is not null as "hasQueue"`,
  );
  if (!found!.hasQueue) return { close: async () => {} };

  const closed = new AbortController();
  let answering: Promise<void> | undefined;
  let isRungAgain = false;
  let isListed = false;
  let failures = 0;
  let quietUntil = 0;

  function answer(): void {
    isRungAgain = true;
    answering ??= serve().finally(() => (answering = undefined));
  }

  /** One call at a time: a second worker would only take the same turns. */
  async function serve(): Promise<void> {
    while (isRungAgain && !closed.signal.aborted && Date.now() >= quietUntil) {
      isRungAgain = false;
      try {
        if (await callWorker()) isRungAgain = true;
        failures = 0;
      } catch (error) {
        if (closed.signal.aborted) return;
        quietUntil = Date.now() + Math.min(shortestPauseMs * 2 ** failures, longestPauseMs);
        failures += 1;
        log(`Agent jobs do not run: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  /** @returns whether jobs were worked on, so that there may be more */
  async function callWorker(): Promise<boolean> {
    // First, so that no job can come unnoticed between the look and the listening.
    if (!isListed) {
      isListed = true;
      await database.query("select public.await_agent_jobs('embedded stack')");
    }
    const [work] = await database.query<{ isThere: boolean }>(`select private.has_agent_work(now()) as "isThere"`);
    if (!work!.isThere) return false;
    const response = await ring(closed.signal);
    const { data, error } = (await response.json()) as { data?: Record<string, number>; error?: { message: string } };
    if (!data) throw new Error(error?.message ?? `the function answered with status ${response.status}.`);
    return Object.values(data).some((jobs) => jobs > 0);
  }

  await database.listen("agent_jobs", () => {
    isListed = false;
    if (!closed.signal.aborted) answer();
  });
  const look = setInterval(answer, lookEveryMs).unref();
  answer();

  return {
    async close() {
      clearInterval(look);
      closed.abort();
      await answering;
    },
  };
}
