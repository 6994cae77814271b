import { setTimeout as delay } from "node:timers/promises";

/**
 * Asks again and again until the answer is neither undefined nor false. The limit of a minute is long enough for a busy
 * machine.
 */
export async function until<T>(what: string, ask: () => T | Promise<T>, limitMs = 60_000): Promise<NonNullable<T>> {
  for (const started = Date.now(); Date.now() - started < limitMs; await delay(20)) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
  }
  throw new Error(`Not within ${limitMs} ms: ${what}.`);
}
