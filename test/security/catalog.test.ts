import { startLocal } from "#groundwork/local";
import { afterAll, describe, expect, test } from "vitest";
import { rules } from "./rules/check-rules.ts";
import { outsideSubselects } from "./rules/policy-rules.ts";
import { inRolledBackTransaction } from "./rolled-back.ts";

const backend = await startLocal();
afterAll(() => backend.close());

describe("in the database", () => {
  test.for(rules)("$name", async ({ find }) => {
    expect(await find(backend.database)).toEqual([]);
  });
});

describe("an offender is found for the rule:", () => {
  test.for(rules)("$name", async ({ find, plant }) => {
    const offenders = await inRolledBackTransaction(backend.database, async (statements) => {
      await statements.run(plant);
      return find(statements);
    });

    expect(offenders).toEqual([expect.stringContaining("planted")]);
  });
});

test.for([
  ["(user_id = ( SELECT groundwork.f() AS f))", "(user_id = …)"],
  ["(a = ( SELECT x(( SELECT 1)) AS x)) AND groundwork.f(')')", "(a = …) AND groundwork.f(…)"],
] as const)("the part of %s outside of sub-selects is %s", ([expression, rest]) => {
  expect(outsideSubselects(expression)).toBe(rest);
});
