import { setTimeout as sleep } from "node:timers/promises";
import type { Groundwork } from "supabase-groundwork";

/** Waits until everything that was written can be found by its meaning. Projects see to that within seconds; asking helps. */
export async function embed(gw: Groundwork): Promise<void> {
  for (let second = 0; second < 30; second += 1) {
    const { error } = await gw.supabase.functions.invoke("embed");
    if (error) throw error;
    if ((await gw.search.health()).every(({ missing }) => missing === 0)) return;
    await sleep(1000);
  }
  throw new Error("Some texts have no vector after 30 seconds. The log of the function embed says why.");
}
