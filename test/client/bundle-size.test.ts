import { agentTypes, createGroundwork } from "#groundwork";
import { describe, expect, test } from "vitest";
import { bundleSize, domainProgram, domains, wholeProgram } from "../../bench/client/bundle-size.ts";

describe("what a bundler makes of it, gzipped, without supabase-js and zod", () => {
  test("everything is about 6 kB, of which some is loaded later", async () => {
    const { first, whole } = await bundleSize(wholeProgram);

    // The input schema of an agent that an adopter adds takes some 30 bytes.
    expect(whole).toBeLessThanOrEqual(6050 + 50 * Math.max(0, agentTypes.length - 8));
    expect(first).toBeLessThanOrEqual(4200);
  });

  test.for(Object.entries(domains))("%s alone is at most 2 kB to begin with", async ([, factory]) => {
    const { first } = await bundleSize(domainProgram(factory));

    expect(first).toBeLessThanOrEqual(2000);
  });

  test("those are all domains", () => {
    const gw = createGroundwork("http://127.0.0.1:1", "key");

    expect(Object.keys(domains).toSorted()).toEqual(
      Object.keys(gw)
        .filter((name) => name !== "supabase")
        .toSorted(),
    );
  });
});
