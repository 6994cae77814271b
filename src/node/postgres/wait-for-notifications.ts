import type postgres from "postgres";
import { pause } from "../../shared/pause.ts";

/** How long a worker waits at most: jobs that become due, and leases that expire, come without a notification. */
const maxWaitMs = 2000;
/** Whoever queued a job while the worker was listed may not have seen it, but has committed after this long. */
const overlapMs = 5;
const listAgainAfterMs = 60_000;

/**
 * Waits for jobs by `listen agent_jobs`. A worker that is idle is listed as such, so that who queues a job notifies it; then
 * it looks once more, because a job may have come before it was listed; and only then it waits.
 *
 * @returns for `JobWorkerOptions.waitForJobs`
 */
export async function waitForNotifications(sql: postgres.Sql, workerId: string) {
  let isListed = false;
  let listedAt = 0;
  let wake = () => {};
  const notified = () => {
    isListed = false;
    wake();
  };
  // The second is called when the connection was lost and made again: what came meanwhile is unknown.
  await sql.listen("groundwork_agent_jobs", notified, notified);

  return async (signal: AbortSignal): Promise<void> => {
    if (!isListed) {
      isListed = true;
      listedAt = Date.now();
      try {
        await sql`select public.await_agent_jobs(${workerId})`;
        return await pause(overlapMs, signal);
      } catch {
        // The next claim tells what is wrong.
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
