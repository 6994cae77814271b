import { agentTypes, createGroundwork } from "#groundwork";
import { describe, expect, test } from "vitest";
import { bundleSize, domainProgram, domains, wholeProgram } from "../../bench/client/bundle-size.ts";

describe("the bundled size, gzipped, without supabase-js and zod", () => {
  test("of everything is about 6 kB, and a part of it is loaded later", async () => {
    const { first, whole } = await bundleSize(wholeProgram);

    // The input schema of an agent that an adopter adds takes about 30 bytes.
    expect(whole).toBeLessThanOrEqual(6050 + 50 * Math.max(0, agentTypes.length - 8));
    expect(first).toBeLessThanOrEqual(4200);
  });

  test.for(Object.entries(domains))("of %s alone is at most 2 kB at first", async ([, factory]) => {
    const { first } = await bundleSize(domainProgram(factory));

    expect(first).toBeLessThanOrEqual(2000);
  });

  test("is measured for all domains", () => {
    const gw = createGroundwork("http://127.0.0.1:1", "key");

    expect(Object.keys(domains).toSorted()).toEqual(
      Object.keys(gw)
        .filter((name) => name !== "supabase")
        .toSorted(),
    );
  });
});
