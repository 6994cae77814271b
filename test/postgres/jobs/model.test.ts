/** Random sequences of everything that can happen to jobs and money, compared with a small model after each step. */
import { expect, test } from "vitest";
import { stepsAndRefusals, takeRandomSteps } from "./setup/model.ts";
import { createWorld } from "./setup/world.ts";

const world = await createWorld();

test("whatever happens in whatever order, jobs and money are what the model says", async () => {
  const counts = await takeRandomSteps(world, { numRuns: 300, maxCommands: 30 });

  // Every step was taken, and every refusal met.
  console.log(counts);
  expect(Object.keys(counts).toSorted()).toEqual(stepsAndRefusals);
});
