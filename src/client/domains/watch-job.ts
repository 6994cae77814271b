import type { RealtimeChannel } from "@supabase/supabase-js";
import type { Job, WatchOptions } from "./jobs.ts";
import type { Client } from "../types.ts";

/** Milliseconds between two looks where Realtime tells of changes: for those that a broken connection has swallowed. */
const safetyIntervalMs = 10_000;

/** Subscribed is only said when changes will really be told; a project may not publish the table. */
const config = { postgres_changes_options: { wait: true } };

/**
 * Reads the job again whenever Realtime says that it changed, or the interval is over; so what is seen is always the row as
 * row-level security shows it, and Realtime only wakes it up. Ends with the job; when it is left early, nothing stays open but a
 * timer of Realtime's, which keeps Node for ten seconds.
 */
export async function* watchJob(
  supabase: Client,
  read: () => Promise<Job>,
  id: string,
  { signal, intervalMs = 1000 }: WatchOptions = {},
): AsyncGenerator<Job, void, undefined> {
  let job = await read();
  yield job;
  if (hasEnded(job)) return;

  const wakeUp = createWakeUp();
  let isSubscribed = false;
  const change = { event: "*", schema: "public", table: "agent_jobs", filter: `id=eq.${id}` } as const;
  const channel = supabase
    .channel(`groundwork:${crypto.randomUUID()}`, { config })
    .on("postgres_changes", change, wakeUp.wake)
    .subscribe((status) => {
      isSubscribed = status === "SUBSCRIBED";
      // What changed before is told by nobody; after a fault, polling takes over at once.
      wakeUp.wake();
    });
  try {
    for (;;) {
      await wakeUp.wait(isSubscribed ? safetyIntervalMs : intervalMs, signal);
      const now = await read();
      if (now.updated_at === job.updated_at && now.status === job.status) continue;
      job = now;
      yield job;
      if (hasEnded(job)) return;
    }
  } finally {
    void close(supabase, channel);
  }
}

const hasEnded = ({ status }: Job) => status === "completed" || status === "failed" || status === "cancelled";

async function close(supabase: Client, channel: RealtimeChannel): Promise<void> {
  await supabase.removeChannel(channel);
  // Else supabase-js keeps the connection, or goes on trying to get one, and Node running, for 50 seconds instead of 10.
  if (supabase.getChannels().length === 0) await supabase.realtime.disconnect();
}

/** Something to wait for that may have happened before anybody waits. */
function createWakeUp() {
  let wakeWaiting = () => {};
  let isWoken = false;
  return {
    wake: () => {
      isWoken = true;
      wakeWaiting();
    },
    /** Until it is woken, but not longer than that; throws the signal's reason. Leaves nothing behind. */
    async wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
      if (!isWoken && !signal?.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wakeWaiting = () => {
            clearTimeout(timer);
            resolve();
          };
          signal?.addEventListener("abort", wakeWaiting);
        });
        signal?.removeEventListener("abort", wakeWaiting);
      }
      if (signal?.aborted) throw signal.reason;
      isWoken = false;
    },
  };
}
