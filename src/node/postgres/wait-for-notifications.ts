import type postgres from "postgres";
import { pause } from "../../shared/pause.ts";

/**
 * The longest time that a worker waits, in milliseconds. Jobs that become due and leases that expire cause no
 * notification.
 */
const maxWaitMs = 2000;
/**
 * A session that queued a job may not have seen the worker in the list of listeners. It has committed after this time,
 * in milliseconds.
 */
const overlapMs = 5;
const listAgainAfterMs = 60_000;

/**
 * Waits for jobs by `listen groundwork_agent_jobs`. An idle worker registers as a listener, so that a session that
 * queues a job notifies it. Then it looks for jobs once more, because one may have been queued before that. Only then
 * does it wait.
 *
 * @returns a function for `JobWorkerOptions.waitForJobs`
 */
export async function waitForNotifications(sql: postgres.Sql, workerId: string) {
  let isListed = false;
  let listedAt = 0;
  let wake = () => {};
  const notified = () => {
    isListed = false;
    wake();
  };
  // The second callback is called after a lost connection was made again. Notifications of the time between are lost.
  await sql.listen("groundwork_agent_jobs", notified, notified);

  return async (signal: AbortSignal): Promise<void> => {
    if (!isListed) {
      isListed = true;
      listedAt = Date.now();
      try {
        await sql`select public.await_agent_jobs(${workerId})`;
        return await pause(overlapMs, signal);
      } catch {
        // The next claim reports the error.
        isListed = false;
        return pause(1000, signal);
      }
    }
    const woken = new AbortController();
    wake = () => woken.abort();
    await pause(maxWaitMs, AbortSignal.any([signal, woken.signal]));
    if (Date.now() - listedAt > listAgainAfterMs) isListed = false;
  };
}
