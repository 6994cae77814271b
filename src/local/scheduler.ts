import type { LocalDatabase } from "./database/local-database.ts";

/** One kind of work, with the Edge Function that does it. */
export interface ScheduledTask {
  /** The function of the database that says if there is work: `groundwork.<name>(timestamptz)`. */
  hasWork: "has_agent_work" | "has_embedding_work";
  /** Calls the Edge Function that does the work. */
  call: (signal: AbortSignal) => Promise<Response>;
  /** The beginning of the log line when such a call fails. The reason follows. */
  failureMessage: string;
}

interface Options {
  database: LocalDatabase;
  tasks: ScheduledTask[];
  /** Called with one line for each call that fails. */
  log: (line: string) => void;
}

/**
 * Does the work of pg_cron and pg_net on hosted Supabase: calls the Edge Function of a task when there is work for it.
 */
export interface Scheduler {
  close(): Promise<void>;
}

/** How often to look for work that causes no notification, such as expired leases. In milliseconds. */
const pollIntervalMs = 2000;
/** The pause after a failed call, in milliseconds. Each further failure doubles it. */
const minPauseMs = 1000;
const maxPauseMs = 60_000;

/** Starts the scheduler. Ignores tasks whose function `hasWork` does not exist in the database. */
export async function startScheduler({ database, tasks, log }: Options): Promise<Scheduler> {
  const known = await database.query<{ name: string }>(
    `select name from unnest($1::text[]) as name
    where to_regprocedure('groundwork.' || name || '(timestamptz)') is not null`,
    [tasks.map(({ hasWork }) => hasWork)],
  );
  const closed = new AbortController();
  const runners = tasks
    .filter(({ hasWork }) => known.some(({ name }) => name === hasWork))
    .map((task) => createTaskRunner(task, { hasWork: isThere, signal: closed.signal, log }));
  if (runners.length === 0) return { close: async () => {} };

  let isListed = false;

  async function isThere(name: ScheduledTask["hasWork"]): Promise<boolean> {
    // Registers before it looks for work, so that work that is queued after the look causes a notification.
    if (!isListed) {
      isListed = true;
      await database.query("select public.await_agent_jobs('embedded stack')");
    }
    const [work] = await database.query<{ found: boolean }>(`select groundwork.${name}(now()) as found`);
    return work!.found;
  }

  const wakeAll = () => runners.forEach((runner) => runner.wake());
  await database.listen("groundwork_agent_jobs", () => {
    isListed = false;
    if (!closed.signal.aborted) wakeAll();
  });
  const poll = setInterval(wakeAll, pollIntervalMs).unref();
  wakeAll();

  return {
    async close() {
      clearInterval(poll);
      closed.abort();
      await Promise.all(runners.map((runner) => runner.settled()));
    },
  };
}

interface TaskRunnerOptions {
  hasWork: (name: ScheduledTask["hasWork"]) => Promise<boolean>;
  signal: AbortSignal;
  log: (line: string) => void;
}

/** Calls the Edge Function of one task, one call at a time. A second worker would only compete with the first one. */
function createTaskRunner(task: ScheduledTask, { hasWork, signal, log }: TaskRunnerOptions) {
  let running: Promise<void> | undefined;
  let isWokenAgain = false;
  let failures = 0;
  let pausedUntil = 0;

  async function run(): Promise<void> {
    while (isWokenAgain && !signal.aborted && Date.now() >= pausedUntil) {
      isWokenAgain = false;
      try {
        if (await callWorker()) isWokenAgain = true;
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        pausedUntil = Date.now() + Math.min(minPauseMs * 2 ** failures, maxPauseMs);
        failures += 1;
        log(`${task.failureMessage}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  /** @returns true if something was done, so that there may be more work */
  async function callWorker(): Promise<boolean> {
    if (!(await hasWork(task.hasWork))) return false;
    const response = await task.call(signal);
    const { data, error } = (await response.json()) as { data?: Record<string, unknown>; error?: { message: string } };
    if (!data) throw new Error(error?.message ?? `the function answered with status ${response.status}.`);
    return Object.values(data).some((count) => typeof count === "number" && count > 0);
  }

  return {
    wake() {
      isWokenAgain = true;
      running ??= run().finally(() => (running = undefined));
    },
    async settled() {
      await running;
    },
  };
}
