import type { RealtimeChannel } from "@supabase/supabase-js";
import type { Job, WatchOptions } from "./jobs.ts";
import type { Client } from "../types.ts";

/**
 * Milliseconds between two reads while Realtime reports changes. These reads find changes that a broken connection
 * lost.
 */
const safetyIntervalMs = 10_000;

/** With this option, `SUBSCRIBED` is reported only if changes will be sent. A project may not publish the table. */
const config = { postgres_changes_options: { wait: true } };

/**
 * Yields the job whenever it has changed, and returns when it has ended. Realtime only says when to read the row again,
 * so each job that is yielded has passed row-level security. A caller that stops early leaves nothing open except a
 * timer of Realtime, which keeps Node running for ten seconds.
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
      // Realtime does not report earlier changes, so read now. After a fault, this starts the polling at once.
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
  // Without this, supabase-js keeps the connection, or keeps trying to connect. Node would then run for another 50
  // seconds instead of 10.
  if (supabase.getChannels().length === 0) await supabase.realtime.disconnect();
}

/** A signal to wait for. A call of `wake` before `wait` is not lost. */
function createWakeUp() {
  let wakeWaiting = () => {};
  let isWoken = false;
  return {
    wake: () => {
      isWoken = true;
      wakeWaiting();
    },
    /**
     * Resolves when woken, or after `ms` milliseconds. Throws the signal's reason when aborted. Removes its timer and
     * its listener.
     */
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
