import type { Database } from "./database/database.ts";

/** One kind of work, and who does it. */
export interface Bell {
  /** The function that says whether there is work: `groundwork.<this>(timestamptz)`. */
  hasWork: "has_agent_work" | "has_embedding_work";
  /** Calls the Edge Function that does it. */
  ring: (signal: AbortSignal) => Promise<Response>;
  /** What does not happen when such a call fails, for the log. */
  complaint: string;
}

interface Options {
  database: Database;
  bells: Bell[];
  /** One line for a call that fails. */
  log: (line: string) => void;
}

/** What pg_cron and pg_net do on hosted Supabase: calls who works when there is work, and only then. */
export interface Doorbell {
  close(): Promise<void>;
}

/** How often to look for what comes without a notification: what becomes due, leases that expire. */
const lookEveryMs = 2000;
/** After a call that failed, and after each that failed again twice as long. */
const minPauseMs = 1000;
const maxPauseMs = 60_000;

/** Listens for work. Does nothing for kinds that the database knows nothing of. */
export async function startDoorbell({ database, bells, log }: Options): Promise<Doorbell> {
  const known = await database.query<{ name: string }>(
    `select name from unnest($1::text[]) as name
    where to_regprocedure('groundwork.' || name || '(timestamptz)') is not null`,
    [bells.map(({ hasWork }) => hasWork)],
  );
  const closed = new AbortController();
  const ringers = bells
    .filter(({ hasWork }) => known.some(({ name }) => name === hasWork))
    .map((bell) => createRinger(bell, { hasWork: isThere, signal: closed.signal, log }));
  if (ringers.length === 0) return { close: async () => {} };

  let isListed = false;

  async function isThere(name: Bell["hasWork"]): Promise<boolean> {
    // First, so that no work can come unnoticed between the look and the listening.
    if (!isListed) {
      isListed = true;
      await database.query("select public.await_agent_jobs('embedded stack')");
    }
    const [work] = await database.query<{ found: boolean }>(`select groundwork.${name}(now()) as found`);
    return work!.found;
  }

  const answer = () => ringers.forEach((ringer) => ringer.answer());
  await database.listen("groundwork_agent_jobs", () => {
    isListed = false;
    if (!closed.signal.aborted) answer();
  });
  const look = setInterval(answer, lookEveryMs).unref();
  answer();

  return {
    async close() {
      clearInterval(look);
      closed.abort();
      await Promise.all(ringers.map((ringer) => ringer.settled()));
    },
  };
}

interface RingerOptions {
  hasWork: (name: Bell["hasWork"]) => Promise<boolean>;
  signal: AbortSignal;
  log: (line: string) => void;
}

/** Rings one bell, one call at a time: a second worker would only take the same turns. */
function createRinger(bell: Bell, { hasWork, signal, log }: RingerOptions) {
  let answering: Promise<void> | undefined;
  let isRungAgain = false;
  let failures = 0;
  let quietUntil = 0;

  async function serve(): Promise<void> {
    while (isRungAgain && !signal.aborted && Date.now() >= quietUntil) {
      isRungAgain = false;
      try {
        if (await callWorker()) isRungAgain = true;
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        quietUntil = Date.now() + Math.min(minPauseMs * 2 ** failures, maxPauseMs);
        failures += 1;
        log(`${bell.complaint}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  /** @returns whether something was done, so that there may be more */
  async function callWorker(): Promise<boolean> {
    if (!(await hasWork(bell.hasWork))) return false;
    const response = await bell.ring(signal);
    const { data, error } = (await response.json()) as { data?: Record<string, unknown>; error?: { message: string } };
    if (!data) throw new Error(error?.message ?? `the function answered with status ${response.status}.`);
    return Object.values(data).some((count) => typeof count === "number" && count > 0);
  }

  return {
    answer() {
      isRungAgain = true;
      answering ??= serve().finally(() => (answering = undefined));
    },
    async settled() {
      await answering;
    },
  };
}
