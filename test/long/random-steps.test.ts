/** The random steps of test/postgres/jobs/model.test.ts, with other seeds and longer sequences. */
import { expect, test } from "vitest";
import { stepsAndRefusals, takeRandomSteps } from "../postgres/jobs/setup/model.ts";
import { createWorld } from "../postgres/jobs/setup/world.ts";

const world = await createWorld();

/** The seed is printed when the test fails. FC_SEED=<number> sets another one. */
const firstSeed = Number(process.env["FC_SEED"] ?? 1);

test.for(Array.from({ length: 5 }, (_, number) => firstSeed + number))(
  "jobs and money match the model after long sequences of seed %i",
  async (seed) => {
    const counts = await takeRandomSteps(world, { numRuns: 120, maxCommands: 150, seed });

    expect(Object.keys(counts).toSorted()).toEqual(stepsAndRefusals);
  },
);
