/** Random sequences of all events of jobs and money, compared with a small model after each step. */
import { expect, test } from "vitest";
import { stepsAndRefusals, takeRandomSteps } from "./setup/model.ts";
import { createWorld } from "./setup/world.ts";

const world = await createWorld();

test("jobs and money match the model after any events in any order", async () => {
  const counts = await takeRandomSteps(world, { numRuns: 300, maxCommands: 30 });

  // Every step was taken, and every refusal occurred.
  console.log(counts);
  expect(Object.keys(counts).toSorted()).toEqual(stepsAndRefusals);
});
