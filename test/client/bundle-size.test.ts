import { createGroundwork } from "groundwork";
import { describe, expect, test } from "vitest";
import { bundleSize, domainProgram, domains, wholeProgram } from "../../bench/client/bundle-size.ts";

/** Domains that carry more than rows: schemas to check what is sent, agents to wait for, watching. */
const larger: Record<string, number> = {
  jobs: 3100,
  memories: 2650,
  thoughts: 2600,
  personas: 2450,
  preferences: 2300,
  intentions: 2200,
  circles: 2200,
};

describe("what a bundler makes of it, gzipped, without supabase-js and zod", () => {
  test("everything is at most 6 kB", async () => {
    expect(await bundleSize(wholeProgram)).toBeLessThanOrEqual(6000);
  });

  test.for(domains)("%s alone is at most 2 kB, or what it is known to need", async (domain) => {
    expect(await bundleSize(domainProgram(domain))).toBeLessThanOrEqual(larger[domain] ?? 2000);
  });

  test("those are all domains", () => {
    const gw = createGroundwork("http://127.0.0.1:1", "key");

    expect(domains.toSorted()).toEqual(
      Object.keys(gw)
        .filter((name) => name !== "supabase")
        .toSorted(),
    );
  });
});
