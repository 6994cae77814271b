import { setTimeout as delay } from "node:timers/promises";

/** Asks again and again until the answer is neither undefined nor false, for a minute at most, which is for a machine that is busy with other things. */
export async function until<T>(what: string, ask: () => T | Promise<T>, limitMs = 60_000): Promise<NonNullable<T>> {
  for (const started = Date.now(); Date.now() - started < limitMs; await delay(20)) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
  }
  throw new Error(`Not within ${limitMs} ms: ${what}.`);
}
