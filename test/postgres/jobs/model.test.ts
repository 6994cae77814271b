/** Random sequences of everything that can happen to jobs and money, compared with a small model after each step. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { begin, steps, weights } from "./setup/model.ts";
import { createWorld } from "./setup/world.ts";

const world = await createWorld();

test("whatever happens in whatever order, jobs and money are what the model says", async () => {
  const counts: Record<string, number> = {};
  const weighted = steps.flatMap((step, index) => Array.from({ length: weights[index]! }, () => step));

  await fc.assert(
    fc.asyncProperty(fc.commands(weighted, { maxCommands: 30, size: "max" }), async (sequence) => {
      await fc.asyncModelRun(() => begin(world, counts), sequence);
    }),
    { numRuns: 300, endOnFailure: false },
  );

  // Every step was taken, and every refusal met.
  console.log(counts);
  const taken =
    "cancel correct deleteCampaign enqueue exchange heartbeat pass pauseOrResume retry setBudget setLimit settle";
  const met = "GW702 GW703 GW704 GW801 GW802";
  expect(Object.keys(counts).toSorted()).toEqual(`${met} ${taken}`.split(" "));
}, 120_000);
